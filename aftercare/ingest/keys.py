"""Ingest keys as this process holds them: all in memory, swapped as a whole when the keeper of keys says so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.kernel.signing import fingerprint


@dataclass(frozen=True)
class Key:
    """One key: whose telemetry it carries and under which limits. Times in epoch seconds, 0 for never.

    A key of the provider's own infrastructure has customer and app 0, names its `resource`, and says in `facts` what
    its reports are about where they do not say it themselves.
    """

    fingerprint: str
    customer: int
    app: int
    keep_days: int
    quota_lines_per_s: float
    user_secret: bytes | None
    expires_at: float = 0
    revoked_at: float = 0
    resource: str = ""
    facts: Facts = NO_FACTS
    callback_source: str = ""
    """The vendor whose callbacks come with this key, and in `callback_secret` what they are signed with."""
    callback_secret: str = field(default="", repr=False)

    def is_good(self, now_s: float) -> bool:
        """Whether the key may send at this moment."""
        return not self.revoked_at and (not self.expires_at or now_s < self.expires_at)


class KeyRing:
    """All keys by the fingerprint of their secret."""

    def __init__(self, load: Callable[[], Iterable[Key]]) -> None:
        self._load = load
        self._keys: dict[str, Key] = {}

    def reload(self) -> None:
        """Take the keys anew; the old ones serve until the new set is whole."""
        self._keys = {key.fingerprint: key for key in self._load()}

    def find(self, secret: str) -> Key | None:
        """The key with this secret, good or not; None for a stranger's."""
        return self._keys.get(fingerprint(secret))
