"""The request to look at a decision again, and the members drawn by lot who do."""
