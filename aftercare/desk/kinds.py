"""The kinds of problem a customer reports, and the facts an engineer of this trade asks for first.

`Ticket.fields` holds answers by field name, plain text each. No field has to be filled: an emergency is told in one
sentence, and everything else can be asked for later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from aftercare.kernel.errors import Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Field:
    """One fact: its name in `Ticket.fields`, what it is called, how one finds it, and the longest answer."""

    name: str
    label: "StrOrPromise"
    help: "StrOrPromise"
    limit: int = 200
    example: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of problem and the names of the fields that matter for it, in the order in which they are asked."""

    name: str
    label: "StrOrPromise"
    asks: tuple[str, ...]


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field(
            "stream", _("Room or stream ID"), _("As your server or SDK names it. Several: separate them with commas.")
        ),
        Field("user", _("User ID"), _("One affected user is enough; for a call, caller and callee.")),
        Field("at", _("When"), _("Start and, if it is over, end, with the time zone; or that it still goes on."), 120),
        Field("sdk", _("SDK or player and its version"), _("Name and full version, for example from the start log.")),
        Field("device", _("Device and system"), _("Model and version of the system; browser and version on the web.")),
        Field("network", _("Network and region"), _("Wi-Fi, 4G or 5G, the operator, the city or country.")),
        Field("address", _("Push or playback address"), _("Without signature or key: we must not see them.")),
        Field("error", _("Error code or message"), _("Exactly as shown or logged.")),
        Field("scale", _("How many are affected"), _("One user, one room, one region, everybody; a share if known.")),
        Field("steps", _("Steps to make it happen"), _("What you do, what you expect, what happens instead."), 1000),
        Field("bill", _("Bill or account"), _("The month, the item on the bill, or the account in question.")),
    )
}

ON_THE_WIRE = ("stream", "user", "at", "scale", "sdk", "device", "network")
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("no_play", _("Cannot play or join"), (*ON_THE_WIRE, "error", "address")),
        Kind("stutter", _("Stutters or freezes"), ON_THE_WIRE),
        Kind("black", _("Black screen or broken picture"), ON_THE_WIRE),
        Kind("no_push", _("Cannot push, or the push breaks off"), (*ON_THE_WIRE, "error", "address")),
        Kind("no_call", _("Call does not connect"), (*ON_THE_WIRE, "error")),
        Kind("audio", _("Audio: silent, echo or noise"), ON_THE_WIRE),
        Kind("delay", _("Delay is too high"), ON_THE_WIRE),
        Kind("sdk", _("SDK or API integration"), ("sdk", "device", "error", "steps")),
        Kind("billing", _("Bill or account"), ("bill",)),
        Kind("other", _("Something else"), ("stream", "user", "at", "sdk")),
    )
}
# Kinds that say too little for a new ticket to be taken as the old one's return.
VAGUE = ("", "other", "billing", "sdk")


def kind_choices() -> "list[tuple[str, StrOrPromise]]":
    """For a list to choose from, the most frequent first."""
    return [(kind.name, kind.label) for kind in KINDS.values()]


def kind_label(name: str) -> str:
    """The kind's name in the reader's language; empty for a ticket without one."""
    return str(KINDS[name].label) if name in KINDS else ""


def asked_by(field: str) -> list[str]:
    """The kinds that ask for this field."""
    return [kind.name for kind in KINDS.values() if field in kind.asks]


def checked_kind(name: str) -> str:
    """The kind. Raises Refused for one that does not exist; empty is a ticket without a kind."""
    if name and name not in KINDS:
        raise Refused(_now("There is no such kind of problem."))
    return name


def checked_fields(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that say something, cleaned. Raises Refused for an unknown name or one that is too long."""
    kept: dict[str, str] = {}
    for name, answer in answers.items():
        field = FIELDS.get(name)
        if field is None:
            raise Refused(_now("There is no field “%(name)s”.") % {"name": name[:40]})
        text = str(answer).replace("\x00", "").strip()
        if len(text) > field.limit:
            raise Refused(
                _now("“%(field)s” is longer than %(limit)s characters. Put the rest into the details.")
                % {"field": field.label, "limit": field.limit}
            )
        if text:
            kept[name] = text
    return kept


def answers_of(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was answered, with the reader's words for it, in the order of the fields; unknown names are left out."""
    return [(str(field.label), fields[name]) for name, field in FIELDS.items() if fields.get(name)]
