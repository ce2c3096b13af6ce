"""DNS: what a name resolves to here, held against what it should; by the resolver of this network, a given one, or
HTTPDNS.
"""

import base64
import ipaddress
import json
import re

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import dns.resolver

from aftercare.probe.http import Asked, fetch
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

TIMEOUT_S = 5.0
TYPES = ("A", "AAAA", "CNAME")
NAME_PLACE = "{name}"
WORD = re.compile(r"[0-9a-fA-F:.]{2,45}")


def resolve_name(run: Run) -> None:
    """Ask for the name; expectations are `answers`, `type`, `resolver` and `httpdns`. Raises Failed."""
    expect = run.target.expect
    with run.step("query"):
        answers = asked_over_http(run, expect["httpdns"]) if expect.get("httpdns") else asked_by_dns(run)
    run.reached("response", "NOERROR")
    run.seen.detail = {"answers": answers[:20]}
    wanted = {plain(answer) for answer in expect.get("answers") or ()}
    foreign = [answer for answer in answers if not fits(answer, wanted)] if wanted else []
    if foreign:
        raise Failed("hijacked", f"{run.target.address} resolves to {', '.join(foreign)[:120]}, which is not expected")


def plain(answer: str) -> str:
    """A name without its last dot, in small letters; an address as it is."""
    return answer.strip().rstrip(".").lower()


def fits(answer: str, wanted: set[str]) -> bool:
    """Whether an answer is one of those wanted: a name, an address, or an address within a wanted network."""
    if answer in wanted:
        return True
    try:
        address = ipaddress.ip_address(answer)
        return any("/" in text and address in ipaddress.ip_network(text, strict=False) for text in wanted)
    except ValueError:
        return False


def asked_by_dns(run: Run) -> list[str]:
    """The answers of the given resolver, or of this machine's. Raises Failed."""
    kind = run.target.expect.get("type") or "A"
    resolver = dns.resolver.Resolver()
    if run.target.expect.get("resolver"):
        host, port = resolver_of(run.target.expect["resolver"])
        run.guard.check(host)
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [host], port
    resolver.lifetime = resolver.timeout = TIMEOUT_S
    try:
        found = resolver.resolve(run.target.address, kind, search=False)
    except dns.resolver.NXDOMAIN:
        raise Failed("nxdomain", "there is no such name") from None
    except dns.resolver.NoAnswer:
        raise Failed("no_answer", f"the name has no {kind} record") from None
    except dns.exception.Timeout:
        raise Failed("timeout", f"no answer within {TIMEOUT_S:g} s") from None
    except dns.exception.DNSException as error:
        raise Failed("dns", str(error) or type(error).__name__) from None
    return sorted(plain(record.to_text()) for record in found)


def resolver_of(text: str) -> tuple[str, int]:
    """IP address and port of a resolver: `8.8.8.8`, `8.8.8.8:5353`, `[2001:db8::1]:53`. Raises Failed."""
    host, port = text, 53
    match = re.fullmatch(r"\[?([0-9a-fA-F:.]+?)\]?:(\d{1,5})", text)
    if match and (text.count(":") == 1 or text.startswith("[")):
        host, port = match[1], int(match[2])
    try:
        return str(ipaddress.ip_address(host.strip("[]"))), port
    except ValueError:
        raise Failed("address", "a resolver is given by its IP address") from None


def asked_over_http(run: Run, endpoint: str) -> list[str]:
    """The answers of an HTTPDNS service: DNS over HTTPS (RFC 8484), or with `{name}` in it a vendor's plain GET."""
    if NAME_PLACE in endpoint:
        return addresses_in(plain_answer(run, endpoint.replace(NAME_PLACE, run.target.address)))
    kind = run.target.expect.get("type") or "A"
    question = dns.message.make_query(run.target.address, kind, id=0)
    text = base64.urlsafe_b64encode(question.to_wire()).rstrip(b"=").decode()
    joint = "&" if "?" in endpoint else "?"
    headers = {"Accept": "application/dns-message"}
    reply = fetch(run, Asked(f"{endpoint}{joint}dns={text}", headers=headers))
    if reply.status != 200:
        raise Failed(f"http_{reply.status}", f"the HTTPDNS service answered {reply.status}")
    try:
        answer = dns.message.from_wire(reply.body)
    except dns.exception.DNSException:
        raise Failed("dns", "the HTTPDNS service's answer is no DNS message") from None
    wanted = dns.rdatatype.from_text(kind)
    found = [plain(item.to_text()) for rrset in answer.answer if rrset.rdtype == wanted for item in rrset]
    if not found:
        raise Failed("no_answer", f"the name has no {kind} record")
    return sorted(found)


def plain_answer(run: Run, url: str) -> str:
    """The body of a vendor's answer. Raises Failed."""
    reply = fetch(run, Asked(url, most_bytes=1 << 16))
    if reply.status != 200:
        raise Failed(f"http_{reply.status}", f"the HTTPDNS service answered {reply.status}")
    return reply.body.decode("utf-8", "replace")


def addresses_in(text: str) -> list[str]:
    """IP addresses in an answer: JSON with `ips` (Aliyun) or words parted by `;` and `,` (Tencent). Raises Failed."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    words = map(str, told.get("ips") or ()) if isinstance(told, dict) else WORD.findall(text)
    found = set()
    for word in words:
        try:
            found.add(str(ipaddress.ip_address(word)))
        except ValueError:
            continue
    if not found:
        raise Failed("no_answer", "the HTTPDNS service named no address")
    return sorted(found)
