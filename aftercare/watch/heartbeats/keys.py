"""The key in a heartbeat's address: found by its fingerprint, sealed for those who may read the address again."""

from django.conf import settings

from aftercare.kernel.ids import new_ref
from aftercare.kernel.sealing import InvalidToken, seal, unseal
from aftercare.kernel.signing import fingerprint
from aftercare.watch.models import Heartbeat

SEALED_FOR = "heartbeat"
# 130 bits: as an address that lets anybody ping, it is all there is to know.
KEY_LENGTH = 26
KEYS_CHANNEL = "aftercare_heartbeats"


def new_key() -> tuple[str, str]:
    """A new key as it is kept: its fingerprint and sealed."""
    key = new_ref(KEY_LENGTH)
    return fingerprint(key), seal(settings.SECRET_KEY, SEALED_FOR, key)


def address_of(heartbeat: Heartbeat) -> str | None:
    """The address to ping; None where the installation's secret has changed since, so that only a new one helps."""
    try:
        key = unseal(settings.SECRET_KEY, SEALED_FOR, heartbeat.key_sealed)
    except InvalidToken:
        return None
    return f"{settings.BASE_URL}/ping/{key}"
