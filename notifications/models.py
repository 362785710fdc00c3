"""Notices: what one member should hear of."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from rooms.models import Message, WorkingGroup


class Notice(models.Model):
    """What concerns one member: a message that names or answers them, or something about a group, which `by` did."""

    class Kind(models.TextChoices):
        MENTION = "mention", "mentions you"
        REPLY = "reply", "replies to you"
        DIRECT = "direct", "writes to you"
        ASKS = "asks", "asks to join"
        LET_IN = "let_in", "let you into"
        DECLINED = "declined", "declined your request to join"
        ADDED = "added", "added you to"
        LEADS = "leads", "named you a leader of"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "message"], name="noticed_once")]
        indexes = [
            models.Index(fields=["member"], name="notice_unseen", condition=models.Q(seen_at__isnull=True)),
            models.Index(fields=["member", "-created_at"], name="notice_recent"),
        ]
