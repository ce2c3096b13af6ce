"""How much one visitor and one address may do in a chat."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from aftercare.kernel.allowances import Allowance

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
