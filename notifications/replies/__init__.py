"""Answering by mail: a letter to a signed address becomes a message, as if its member had typed it on the page."""
