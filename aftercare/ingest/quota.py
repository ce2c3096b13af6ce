"""How many lines a key may send: a token bucket that holds ten seconds' worth."""

from aftercare.ingest.keys import Key

BURST_S = 10


class Quota:
    """Buckets of all keys. Not shared between threads."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: Key, lines: int, now_s: float) -> float:
        """Take `lines` from the key's bucket; 0 when it had them, else the seconds until it will have."""
        full = max(key.quota_lines_per_s * BURST_S, 1.0)
        tokens, at = self._buckets.get(key.fingerprint, (full, now_s))
        tokens = min(full, tokens + max(now_s - at, 0.0) * key.quota_lines_per_s)
        # A body larger than the whole bucket is let through when the bucket is full, and leaves it in debt.
        if tokens >= min(lines, full):
            self._buckets[key.fingerprint] = (tokens - lines, now_s)
            return 0.0
        self._buckets[key.fingerprint] = (tokens, now_s)
        return (min(lines, full) - tokens) / max(key.quota_lines_per_s, 0.001)
