"""Mail of what a member missed: what concerns them and is still unread after their delay."""
