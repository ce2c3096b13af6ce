"""Which internet addresses are everybody's."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address, and the IPv4 address hidden in it where there is one, is of the public internet."""
    return all(a.is_global and not a.is_multicast for a in (address, *hidden_in(address)))


def hidden_in(address: Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses an IPv6 address stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    teredo = address.teredo or ()
    nat64 = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in NAT64 else []
    return [a for a in (address.ipv4_mapped, address.sixtofour, *teredo) if a is not None] + nat64
