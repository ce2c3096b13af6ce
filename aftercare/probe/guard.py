"""Where a probe may connect to. Targets are typed by people whom the agent's owner need not trust."""

import ipaddress
import socket
from dataclasses import dataclass

from aftercare.kernel.outbound import is_public
from aftercare.probe.types import Failed


@dataclass(frozen=True)
class Guard:
    """Resolves names once; whoever connects uses the addresses it gives and resolves nothing again."""

    allow_private: bool = False

    def resolve(self, host: str, port: int, kind: int = socket.SOCK_STREAM) -> list[str]:
        """The addresses of a host, in the resolver's order. Raises Failed where there are none, or one is private."""
        try:
            found = socket.getaddrinfo(host, port, type=kind)
        except (OSError, UnicodeError) as error:
            raise Failed("dns", f"{host} cannot be resolved: {getattr(error, 'strerror', error)}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
        for address in addresses:
            self.check(address, host)
        return addresses

    def check(self, address: str, host: str = "") -> None:
        """Raises Failed where this address may not be reached from here."""
        if not self.allows(address):
            name = f"{host} is at {address}, which" if host and host != address else address
            raise Failed(
                "private_address", f"{name} is not a public address; this agent was started without --allow-private"
            )

    def allows(self, address: str) -> bool:
        """Whether this IP address may be reached from here."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return self.allow_private or is_public(parsed)


def connect(addresses: list[str], port: int, timeout_s: float) -> socket.socket:
    """A TCP connection to the first of these addresses that takes one. Raises Failed."""
    why = "no address"
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=timeout_s)
        except OSError as error:
            why = f"{address}: {error.strerror or error}"
    raise Failed("tcp", f"no connection to port {port}: {why}")
