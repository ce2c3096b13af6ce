"""Where a client's address is: country, province and carrier by the operator's databases; the address is dropped."""

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb

from aftercare.ingest.samples import Facts
from aftercare.kernel.errors import Refused

NOWHERE = Facts()


class Places:
    """Looks addresses up in MaxMind databases: `city` (or country) and `asn` (or ISP), each may be absent."""

    def __init__(self, *, city: Path | None = None, asn: Path | None = None, proxies: int = 0) -> None:
        self._city = opened(city)
        self._asn = opened(asn)
        self._proxies = proxies
        self.find = lru_cache(65_536)(self._find)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look in."""
        return self._city is None and self._asn is None

    def of_request(self, client: str, forwarded: str) -> Facts:
        """The place of a request's client: behind n trusted proxies, the n-th address from the end of the header."""
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if self._proxies and len(hops) >= self._proxies:
            client = hops[-self._proxies]
        return self.find(client)

    def _find(self, address: str) -> Facts:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return NOWHERE
        where: Any = (self._city.get(address) if self._city else None) or {}
        whose: Any = (self._asn.get(address) if self._asn else None) or {}
        subdivisions = where.get("subdivisions") or [{}]
        return Facts(
            country=text(where.get("country", {}).get("iso_code")),
            province=text(subdivisions[0].get("names", {}).get("en")),
            carrier=text(whose.get("isp") or whose.get("autonomous_system_organization")),
        )


def opened(path: Path | None) -> maxminddb.Reader | None:
    """A database's reader. Raises Refused naming the file when it cannot be read."""
    if path is None:
        return None
    try:
        return maxminddb.open_database(path)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise Refused(f"the address database {path} cannot be read: {error}") from None


def text(value: Any) -> str:
    """A name as it fits a fact."""
    return value[:128] if isinstance(value, str) else ""
