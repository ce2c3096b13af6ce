"""The version of the engines in the database: raised by a newer process at its start, asked by each for what it takes.

Raising takes an advisory lock that every taking transaction holds in common: once a newer version is written, what an
older process had begun is over and it begins nothing more. Such a process records what it has sent, and serves pages.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.utils import OperationalError

from aftercare.kernel.errors import Refused
from aftercare.kernel.standing import ENGINE_VERSION, StoodDown
from aftercare.serve.models import EngineVersion

# Any number that nothing else locks by.
LOCK = 0x61667465
TABLE = EngineVersion._meta.db_table
# A transaction that takes rows ends after a few seconds.
PATIENCE_S = 30
ASK = f"SELECT pg_advisory_xact_lock_shared({LOCK}); SELECT max(version) FROM {TABLE}"


def check(version: int = ENGINE_VERSION) -> None:
    """Raise StoodDown where a newer version has been started. To be called in the transaction that takes rows.

    Two statements in one round trip: the second must see what was written while the first waited.
    """
    with connection.cursor() as cursor:
        cursor.execute(ASK)
        cursor.nextset()
        (newest,) = cursor.fetchone()
    if newest is not None and newest > version:
        raise StoodDown(
            f"a newer version of the engines ({newest}, this is {version}) works on this database: this process takes "
            "nothing more, stop it"
        )


def take_over(now: datetime, version: int = ENGINE_VERSION) -> None:
    """Write down that this version works from now on; nothing happens before the schema is there.

    Raises Refused where a newer one does, and where an older one does not let go.
    """
    if TABLE not in connection.introspection.table_names():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
            cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            known = EngineVersion.objects.order_by("-version").first()
            if known is not None and known.version > version:
                raise Refused(
                    f"This database was last served by a newer Aftercare (version {known.version} of the engines, this "
                    f"is {version}): start that one, or restore the backup from before the upgrade."
                )
            if known is None or known.version < version:
                EngineVersion.objects.update_or_create(pk=1, defaults={"version": version, "at": now})
    except OperationalError as error:
        raise Refused(f"An older Aftercare on this database does not let go of it: stop it ({error}).") from None
