"""Calls to addresses that people typed: which may be called, and how a call stays with the address that was checked."""

import heapq
import http.client
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# What speaks something else than HTTP at these: databases, caches, queues, desktops.
OTHER_PROTOCOLS = frozenset((1433, 1521, 2049, 3306, 3389, 5432, 5672, 5900, 6379, 11211, 27017))
# Where clouds tell a machine its own secrets. Some of these stand in ranges that are public, or that a private network
# uses for its machines, so that the range alone does not give them away: Azure, Alibaba Cloud, Volcengine, Oracle, AWS
# and Google by IPv6. The others' is link-local.
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("168.63.129.16", "100.100.100.200", "100.96.0.96", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)


class Wrong(Enum):
    """What is wrong with an address; each room has its own words for it."""

    NO_ADDRESS = "no_address"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    NAME = "name"
    PRIVATE = "private"


class AddressError(Exception):
    """An address that must not be called."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


@dataclass(frozen=True)
class Target:
    """Where a call goes: the name it was given and the one address it is pinned to, empty until `pin`."""

    scheme: str
    host: str
    port: int
    path: str
    pinned: str = ""

    @property
    def host_header(self) -> str:
        """The Host header: the name as given, with its port unless it is the scheme's own."""
        return self.bracketed if self.port == default_port(self.scheme) else f"{self.bracketed}:{self.port}"

    @property
    def speaks_http(self) -> bool:
        """Whether something that speaks HTTP may listen at the port: 80, 443, and what needs no rights, but for other
        protocols' own.
        """
        return self.port in (80, 443) or (self.port >= 1024 and self.port not in OTHER_PROTOCOLS)

    @property
    def literal(self) -> Address | None:
        """The address that the name itself is, None where it has to be resolved."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def bracketed(self) -> str:
        """The name as it stands before a port."""
        return f"[{self.host}]" if ":" in self.host else self.host


def default_port(scheme: str) -> int:
    """443 for https, 80 for http."""
    return 443 if scheme == "https" else 80


def parse(url: str) -> Target:
    """The target of a web address, not resolved yet. Raises AddressError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError(Wrong.NO_ADDRESS) from None
    if parts.scheme not in ("http", "https"):
        raise AddressError(Wrong.SCHEME)
    if not parts.hostname or not url.isprintable() or " " in url:
        raise AddressError(Wrong.NO_ADDRESS)
    if parts.username or parts.password:
        raise AddressError(Wrong.CREDENTIALS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or default_port(parts.scheme), path)


def pin(target: Target, *, is_allowed: Callable[[Address], bool]) -> Target:
    """The target with the one address to connect to. Every address that the name has must be allowed.

    Raises AddressError when one is not, OSError when the name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise AddressError(Wrong.NAME) from None
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not all(is_allowed(ipaddress.ip_address(address)) for address in addresses):
        raise AddressError(Wrong.PRIVATE)
    return replace(target, pinned=addresses[0])


def is_public(address: Address) -> bool:
    """Whether an address, and the IPv4 address hidden in it where there is one, is of the public internet."""
    return all(a.is_global and not a.is_multicast and a not in METADATA for a in (address, *hidden_in(address)))


def is_anybodys(address: Address) -> bool:
    """Any address at all."""
    return True


def is_machines(address: Address) -> bool:
    """Whether an address is one machine's, in a private network or not: no cloud's own, no link-local one."""
    return not any(
        a.is_link_local or a.is_multicast or a.is_unspecified or a in METADATA or str(a) == "255.255.255.255"
        for a in (address, *hidden_in(address))
    )


def hidden_in(address: Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses an IPv6 address stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    teredo = address.teredo or ()
    nat64 = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in NAT64 else []
    return [a for a in (address.ipv4_mapped, address.sixtofour, *teredo) if a is not None] + nat64


def connection_over(sock: socket.socket, target: Target) -> http.client.HTTPConnection:
    """HTTP over this socket, TLS checked against the name that was asked for. Raises OSError (ssl's errors are)."""
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    if target.scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
    return connection


@contextmanager
def ends_within(sock: socket.socket, seconds: float) -> Iterator[None]:
    """End a connection that has used up its time, however slowly it still drips.

    By a descriptor of its own: TLS takes the socket's away.
    """
    handle = sock.dup()
    guarded = GUARD.watch(handle, time.monotonic() + max(seconds, 0))
    try:
        yield
    finally:
        GUARD.let_go(guarded)
        handle.close()


class Guard:
    """Ends connections when their time is up: one thread for all of them, begun with the first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int]] = []
        self._watched: dict[int, socket.socket] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, handle: socket.socket, ends: float) -> int:
        """End this connection at `ends` (monotonic seconds) unless it is let go by then; its number."""
        with self._changed:
            number = next(self._numbers)
            self._watched[number] = handle
            heapq.heappush(self._queue, (ends, number))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="connections", daemon=True)
                self._thread.start()
            elif self._queue[0][1] == number:
                self._changed.notify()
        return number

    def let_go(self, number: int) -> None:
        """Watch this connection no more; once this returns nobody touches its handle."""
        with self._changed:
            self._watched.pop(number, None)

    def _run(self) -> None:
        with self._changed:
            while True:
                while self._queue and self._queue[0][1] not in self._watched:
                    heapq.heappop(self._queue)
                if not self._queue:
                    self._changed.wait()
                elif (left_s := self._queue[0][0] - time.monotonic()) > 0:
                    self._changed.wait(left_s)
                else:
                    shut(self._watched.pop(heapq.heappop(self._queue)[1]))


def shut(sock: socket.socket) -> None:
    """End a connection for whoever reads from it."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


GUARD = Guard()
