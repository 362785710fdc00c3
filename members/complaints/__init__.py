"""Complaints about how data about somebody is used: from anybody, with a ticket and a clock."""
