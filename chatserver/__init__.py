"""Puts everything together: settings, doors, reactions, the server. Nobody imports it from below."""
