"""Steps, places and what went wrong, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from aftercare.watch.models import ProbeTarget
from aftercare.watch.probes.actions import host_of
from aftercare.watch.probes.types import PLAYS, PUSHES

STEPS = {
    "dns": gettext_lazy("Name resolution"),
    "tcp": gettext_lazy("TCP connection"),
    "tls": gettext_lazy("TLS handshake"),
    "first_byte": gettext_lazy("First byte"),
    "body": gettext_lazy("Body"),
    "open": gettext_lazy("Stream opened"),
    "first_packet": gettext_lazy("First packet"),
    "first_frame": gettext_lazy("First frame"),
    "query": gettext_lazy("Query"),
    "signalling": gettext_lazy("Signalling"),
    "ice": gettext_lazy("ICE and DTLS"),
    "publish": gettext_lazy("Publishing"),
    "push": gettext_lazy("Pushing"),
}
FAILURES = {
    "address": gettext_lazy("Not an address of this kind"),
    "private_address": gettext_lazy("Leads into a private network"),
    "dns": gettext_lazy("Name not resolved"),
    "nxdomain": gettext_lazy("No such name"),
    "no_answer": gettext_lazy("No such record"),
    "hijacked": gettext_lazy("Unexpected answer, perhaps hijacked"),
    "tcp": gettext_lazy("No connection"),
    "tls": gettext_lazy("No secure connection"),
    "certificate": gettext_lazy("Certificate refused"),
    "http": gettext_lazy("No answer"),
    "redirects": gettext_lazy("Too many redirects"),
    "not_hls": gettext_lazy("Not an HLS playlist"),
    "invalid_media": gettext_lazy("Cannot be decoded"),
    "timeout": gettext_lazy("No answer in time"),
    "stream": gettext_lazy("Stream refused or ended"),
    "stream_io": gettext_lazy("Stream broke off"),
    "no_frame": gettext_lazy("No picture came"),
    "never_played": gettext_lazy("Too little media to play"),
    "stalled": gettext_lazy("Stalled too long"),
    "black": gettext_lazy("Black picture"),
    "frozen": gettext_lazy("Frozen picture"),
    "silent": gettext_lazy("No sound"),
    "push": gettext_lazy("Push refused"),
    "push_broken": gettext_lazy("Push broke off"),
    "signalling": gettext_lazy("Signalling refused"),
    "ice": gettext_lazy("No media connection"),
    "json": gettext_lazy("Unexpected value"),
    "not_json": gettext_lazy("Not JSON"),
    "header": gettext_lazy("Unexpected header"),
    "slow": gettext_lazy("Too slow"),
    "expired": gettext_lazy("Expired"),
    "expires_soon": gettext_lazy("Expires soon"),
    "no_expiry": gettext_lazy("No date of expiry"),
    "unregistered": gettext_lazy("Not registered"),
    "deadline": gettext_lazy("Not done in time"),
    "crashed": gettext_lazy("The player crashed"),
}
# What an agent tells beside the steps: name, unit and digits.
MEASURES = {
    "bitrate_kbps": (gettext_lazy("Bitrate"), "kbps", 0),
    "fps": (gettext_lazy("Frames per second"), "", 1),
    "stall_count": (gettext_lazy("Stalls"), "", 0),
    "stall_ms": (gettext_lazy("Stalled for"), "ms", 0),
    "frozen_ms": (gettext_lazy("Frozen for"), "ms", 0),
    "av_offset_ms": (gettext_lazy("Audio behind video"), "ms", 0),
    "gop_ms": (gettext_lazy("Key frame interval"), "ms", 0),
    "days_left": (gettext_lazy("Days left"), "", 0),
}
STATES = {
    "healthy": pgettext_lazy("probe", "works"),
    "breached": pgettext_lazy("probe", "fails"),
    "unknown": pgettext_lazy("probe", "not heard of"),
    "neutral": pgettext_lazy("probe", "paused"),
}


def step_name(code: str) -> str:
    """The step; its code where we have no word for it."""
    return str(STEPS.get(code, code))


def failure_name(code: str) -> str:
    """What went wrong; its code where we have no word for it."""
    if code.startswith("http_"):
        return _("The server answered %(status)s") % {"status": code.removeprefix("http_")}
    return str(FAILURES.get(code, code))


def place_name(place: tuple[str, str, str, str]) -> str:
    """Country, province, carrier and network as far as the agent said them."""
    return " · ".join(part for part in place if part) or _("place not told")


def shown_address(target: ProbeTarget, *, in_full: bool) -> str:
    """The address; for those who may not change it, and in lists, the host alone: it may end in a stream's key."""
    return target.address if in_full else host_of(target.address)


def time_name(target: ProbeTarget) -> str:
    """What is timed at a target of this kind."""
    if target.kind in PLAYS:
        return _("First frame")
    return _("Push taken after") if target.kind in PUSHES else _("Answered after")
