"""The community itself: its name, purpose, house rules and look, and how it begins on an empty database."""
