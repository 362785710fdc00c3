"""Web push: a member's browser is told at once that something concerns them, also while no page of ours is open there."""
