"""Encrypting with SECRET_KEY what lies in the database: a copy of the database alone opens nothing."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet
from django.conf import settings


def cipher(purpose: str) -> Fernet:
    """A cipher with a key of its own, so that what was encrypted for one purpose is nothing for another."""
    return Fernet(base64.urlsafe_b64encode(sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()))
