"""A DNS server on loopback, over UDP, and the same answers for DNS over HTTPS."""

import http.server
import socket
import threading
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import dns.message
import dns.rcode
import dns.rrset

RECORDS = {
    ("live.example.com.", "A"): ["192.0.2.10", "192.0.2.11"],
    ("pull.example.com.", "CNAME"): ["pull.example.com.cdn.example.net."],
}


def answer_to(wire: bytes) -> bytes:
    """The answer to a query, NXDOMAIN where there is no such name."""
    query = dns.message.from_wire(wire)
    (question,) = query.question
    answer = dns.message.make_response(query)
    name, kind = question.name.to_text(), question.rdtype.name
    if not any(known == name for known, _ in RECORDS):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif found := RECORDS.get((name, kind)):
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
    return answer.to_wire()


class NameServer:
    """Answers on `address` (`127.0.0.1:port`)."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            wire, sender = self._socket.recvfrom(4096)
            self._socket.sendto(answer_to(wire), sender)


def over_https(handler: http.server.BaseHTTPRequestHandler) -> None:
    """RFC 8484, GET; strict about what is accepted."""
    text = parse_qs(urlsplit(handler.path).query)["dns"][0]
    assert "=" not in text and handler.headers["Accept"] == "application/dns-message"
    body = answer_to(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    handler.send_response(200)
    handler.send_header("Content-Type", "application/dns-message")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
