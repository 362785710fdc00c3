"""Bringing conversations held elsewhere into the rooms: read, put in order, write.

reading.py   a line of the file → a record, or the reason why not
sorting.py   records in the order of the file → room by room, each in order of time
writing.py   rows in the database, a batch at a time
"""
