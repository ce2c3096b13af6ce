"""The keys of all heartbeats as the front door holds them: a stranger's costs no look at the database."""

from collections.abc import Callable, Iterable

from aftercare.watch.models import Heartbeat

Pair = tuple[str, int]


def load_pairs() -> Iterable[Pair]:
    """The fingerprint and number of every heartbeat."""
    return Heartbeat.objects.filter(deleted_at=None).values_list("key_fingerprint", "pk").iterator()


class HeartbeatRing:
    """Heartbeats by the fingerprint of their key, swapped as a whole.

    It only says who may be meant: whether a key is still the heartbeat's own, the statement that keeps a ping decides.
    """

    def __init__(self, load: Callable[[], Iterable[Pair]] = load_pairs) -> None:
        self._load = load
        self._known: dict[str, int] = {}

    def reload(self) -> None:
        """Take the keys anew; the old ones serve until the new set is whole."""
        self._known = dict(self._load())

    def find(self, fingerprint: str) -> int | None:
        """The heartbeat's number; None for a key that is nobody's."""
        return self._known.get(fingerprint)
