"""How often: an allowance for each action, counted in this process.

A bucket lets `burst` through at once and refills steadily. Several processes each keep their own count, so a member
spread over all of them gets that many times the allowance: enough to stop a flood, which is what it is for.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

KEPT = 10_000
"""Buckets remembered at once; the longest unused are forgotten first, and are full by then."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` at once, then `a_minute` in the long run."""

    burst: int
    a_minute: float


class Bucket:
    """What is left of one allowance. Times are monotonic seconds."""

    __slots__ = ("left", "seen_at")

    def __init__(self, allowance: Allowance, now: float) -> None:
        self.left = float(allowance.burst)
        self.seen_at = now

    def take(self, allowance: Allowance, now: float) -> bool:
        """Use one up; False when none is left."""
        self.left = min(allowance.burst, self.left + (now - self.seen_at) * allowance.a_minute / 60)
        self.seen_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Limits:
    """The buckets of one kind of action: one for each member, or for whatever else is counted by."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, who: Hashable) -> bool:
        """Whether they may act once more now; counts the act."""
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.pop(who, None) or Bucket(self.allowance, now)
            self._buckets[who] = bucket
            if len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
            return bucket.take(self.allowance, now)
