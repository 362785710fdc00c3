"""A message that names a patient: flagged with one tap, hidden at once, looked at by a guardian, restored or purged."""
