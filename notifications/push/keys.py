"""The key by which push services know us (VAPID, RFC 8292). A browser subscribes to this one key, so it is made once and kept.

It lies in the database, where every process and machine finds it, sealed with SECRET_KEY. With another SECRET_KEY it
opens no more, and there is a new one: the browsers that subscribed to the old one are forgotten, for nothing reaches them.
"""

import base64

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from py_vapid import Vapid02

from members.ciphers import cipher
from notifications.models import PushDevice, PushKey

CURVE = ec.SECP256R1()


def our_key() -> Vapid02:
    """The one key, made by whoever first needs it."""
    row = PushKey.objects.first() or make_key()
    try:
        return opened(row)
    except InvalidToken:
        return opened(replace_key(row))


def public_key() -> str:
    """The half that browsers subscribe to."""
    point = our_key().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def opened(row: PushKey) -> Vapid02:
    number = int(cipher("push").decrypt(row.sealed.encode()))
    # It would not have a site without a dot in its name, or with a port.
    return Vapid02(ec.derive_private_key(number, CURVE), conf={"no-strict": True})


def make_key() -> PushKey:
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    sealed = cipher("push").encrypt(str(number).encode()).decode()
    # Of two that make one at once, the later keeps the earlier one's.
    PushKey.objects.bulk_create([PushKey(sealed=sealed)], ignore_conflicts=True)
    return PushKey.objects.get()


@transaction.atomic
def replace_key(row: PushKey) -> PushKey:
    if PushKey.objects.filter(pk=row.pk, sealed=row.sealed).delete()[0]:
        PushDevice.objects.all().delete()
    return make_key()
