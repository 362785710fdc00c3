"""Tasks as rows of django-tasks-db, with one thing more: their commit wakes the workers of this process.

What is enqueued is a row in the transaction of the action, so that a rollback takes it back.
"""

import threading
from typing import Any

from django.db import transaction
from django.tasks import Task
from django_tasks_db.backend import DatabaseBackend

NEWS = threading.Event()
"""Set when there may be something to do. Whoever wakes clears it, and then looks."""


class WakingBackend(DatabaseBackend):
    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> Any:
        result = super().enqueue(task, args, kwargs)
        transaction.on_commit(NEWS.set)
        return result
