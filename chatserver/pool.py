"""The connections to PostgreSQL, which commands and pages take turns with."""

import select
from typing import Any

from psycopg_pool import ConnectionPool


def check_unheard(connection: Any) -> None:
    """Before a connection is lent: is it one that died with a restart of the database? Raises what then fails.

    A connection at rest hears nothing; when the database hangs up, it hears that. So it is asked only where something
    came, and not for each post, which is six statements without that.
    """
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    if look.poll(0):
        ConnectionPool.check_connection(connection)
