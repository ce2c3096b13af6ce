"""How much one visitor and one address may do: buckets that fill up again.

They are held in memory, which counts everything: one process serves every page (`aftercare.serve.process`, held to
it by the lock on its data folder).
"""

import ipaddress
import threading
from collections import OrderedDict
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

KEYS_AT_MOST = 50_000


class Allowance:
    """At most `most` at once, and again as many over every `per_s` seconds; for each key by itself."""

    def __init__(self, most: int, per_s: float) -> None:
        self.most = most
        self.rate = most / per_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: datetime) -> float:
        """Take one; 0 where there was one, else the seconds until there is."""
        at = now.timestamp()
        with self._lock:
            left, since = self._left.pop(key, (float(self.most), at))
            left = min(left + max(at - since, 0) * self.rate, self.most)
            is_there = left >= 1
            self._left[key] = (left - 1 if is_there else left, at)
            if len(self._left) > KEYS_AT_MOST:
                self._left.popitem(last=False)
        return 0.0 if is_there else (1 - left) / self.rate

    def forget(self) -> None:
        """Begin anew, with every bucket full."""
        with self._lock:
            self._left.clear()


# A person types a line in a few seconds; many of one company sit behind one address.
MESSAGES = Allowance(30, 60)
MESSAGES_OF_ADDRESS = Allowance(300, 60)
FILES = Allowance(10, 60)
SIGNS = Allowance(60, 60)  # typing, read marks
SESSIONS_OF_ADDRESS = Allowance(60, 600)
READS_OF_ADDRESS = Allowance(1200, 60)
WRONG_TOKENS_OF_ADDRESS = Allowance(30, 600)
ALL = (MESSAGES, MESSAGES_OF_ADDRESS, FILES, SIGNS, SESSIONS_OF_ADDRESS, READS_OF_ADDRESS, WRONG_TOKENS_OF_ADDRESS)


def address_of(request: HttpRequest) -> str:
    """The client's address behind our own proxies; of IPv6 the /64 that one household or host has to itself."""
    told = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        told = hops[-proxies] if len(hops) >= proxies else told
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
