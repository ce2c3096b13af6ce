"""From the bytes that somebody posts to what is told: read, graded, cleaned and bounded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.models import Severity
from aftercare.watch.outside.formats import FORMATS
from aftercare.watch.outside.formats.said import IGNORED, Said, State, hashed
from aftercare.watch.types import Told

MOST_ALERTS = 1_000
MOST_TROUBLES = 5
MOST_LABELS = 30
LONGEST = {"title": 200, "body": 4000, "link": 1000, "label": 100, "value": 300, "fingerprint": 200}
ANYTHING_ELSE = "*"
GRADES = (Severity.RED.value, Severity.WARNING.value, IGNORED)


class Source(Protocol):
    """What of a source says how to read it."""

    kind: str
    mapping: dict[str, Any]
    severities: dict[str, str]


@dataclass
class Read:
    """What a payload says: alerts that go on, fingerprints that are over, how many mean nothing to anybody, and why.

    `troubles` are sentences about what could not be read; what was good beside it is here all the same.
    """

    firing: dict[str, Told] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)
    ignored: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it could be read."""
        return not (self.firing or self.over or self.ignored)


def decode(body: bytes) -> Any:
    """The JSON of a body, or its form as an object. Raises Refused for what is neither."""
    try:
        words = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Refused(_("The body is not UTF-8.")) from None
    try:
        return storable(json.loads(words))
    except (ValueError, RecursionError):
        pass
    if words[:1] not in ("{", "[", "") and "=" in words:
        try:
            return storable(dict(parse_qsl(words, max_num_fields=100)))
        except ValueError:
            pass
    raise Refused(_("The body is neither JSON nor a form."))


def read_payload(source: Source, payload: Any) -> Read:
    """What the payload says, by the kind of its source. What cannot be read is told in `troubles`, never raised.

    Of several that are about one trouble the last is meant.
    """
    how, read = FORMATS[source.kind], Read()
    try:
        items = how.items(payload, source.mapping)
    except Refused as refused:
        read.troubles.append(refused.sentence)
        return read
    for number, item in enumerate(items[:MOST_ALERTS], start=1):
        try:
            take(read, how.read(item, source.mapping), grades_of(source))
        except Refused as refused:
            values = {"n": number, "why": refused.sentence}
            read.troubles.append(_("Alert %(n)d: %(why)s") % values if len(items) > 1 else refused.sentence)
    if len(items) > MOST_ALERTS:
        values = {"n": len(items) - MOST_ALERTS, "most": MOST_ALERTS}
        read.troubles.insert(0, _("%(n)d alerts were not read: a payload may have %(most)d.") % values)
    if cut := how.left_out(payload):
        read.troubles.insert(0, _("The sender left out %(n)d alerts of this group.") % {"n": cut})
    return read


def grades_of(source: Source) -> dict[str, str]:
    """From a level in small letters to red, warning or ignored: the kind's own table under what the source says."""
    return {**FORMATS[source.kind].levels, **source.severities}


def take(read: Read, said: Said, grades: Mapping[str, str]) -> None:
    """Put one alert where it belongs."""
    fingerprint = name_of(said.fingerprint)
    grade = grades.get(plain(said.level).lower()) or grades.get(ANYTHING_ELSE) or Severity.WARNING
    if said.state == State.NEITHER or (said.state == State.FIRING and grade == IGNORED):
        read.ignored += 1
    elif said.state == State.OVER:
        read.firing.pop(fingerprint, None)
        read.over[fingerprint] = plain(said.title)[: LONGEST["title"]]
    else:
        read.over.pop(fingerprint, None)
        read.firing[fingerprint] = told_of(said, fingerprint, grade)


def name_of(fingerprint: str) -> str:
    """The fingerprint as it is kept: hashed where it is too long, or nothing of it can be read."""
    name = plain(fingerprint)
    return name if name and len(name) <= LONGEST["fingerprint"] else hashed(fingerprint)


def told_of(said: Said, fingerprint: str, grade: str) -> Told:
    """The alert as it is kept: plain text within its bounds. Raises Refused where nothing is left of the title."""
    title = " ".join(plain(said.title).split())
    if not title:
        raise Refused(_("The title is empty."))
    return Told(
        fingerprint=fingerprint,
        title=cut(title, "title"),
        body=cut(plain(said.body), "body"),
        severity=grade,
        labels=labels_of(said.labels),
        link=safe_link(said.link),
        is_once=said.is_once,
    )


def labels_of(labels: Mapping[str, Any]) -> dict[str, str]:
    """The first labels that are texts or numbers, as texts."""
    scalars = {name: value for name, value in labels.items() if isinstance(value, str | int | float) and value != ""}
    kept = list(scalars.items())[:MOST_LABELS]
    return {cut(plain(str(name)), "label"): cut(plain(str(value)), "value") for name, value in kept}


def safe_link(link: str) -> str:
    """The link where it is http or https and whole, else nothing: no other scheme is ever put before a person."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    is_safe = parts.scheme in ("http", "https") and parts.netloc and link.isprintable()
    return link if is_safe and len(link) <= LONGEST["link"] else ""


def cut(words: str, what: str) -> str:
    """The words within their bound, an ellipsis where they were longer."""
    most = LONGEST[what]
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def plain(words: str) -> str:
    """Text without control characters other than tab and newline; every other space is a plain one."""
    spaced = (" " if letter.isspace() and letter not in "\t\n" else letter for letter in words.replace("\r\n", "\n"))
    return "".join(letter for letter in spaced if letter in "\t\n" or letter.isprintable())


def storable(value: Any) -> Any:
    """The same without NUL characters and halves of surrogate pairs, which PostgreSQL does not store."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value
