"""The mail of the day: what happened in one member's groups since their last digest."""
