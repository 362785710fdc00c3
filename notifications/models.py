"""Notices: what one member should hear of."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from rooms.models import Message


class Notice(models.Model):
    """A message that is about one member: it names them, or answers them."""

    class Kind(models.TextChoices):
        MENTION = "mention", "mentions you"
        REPLY = "reply", "replies to you"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "message"], name="noticed_once")]
        indexes = [
            models.Index(fields=["member"], name="notice_unseen", condition=models.Q(seen_at__isnull=True)),
            models.Index(fields=["member", "-created_at"], name="notice_recent"),
        ]
