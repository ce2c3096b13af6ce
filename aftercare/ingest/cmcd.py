"""CMCD event mode (CTA-5004-B): one report per line, each a structured-field dictionary (RFC 8941)."""

import re
from typing import Any

from aftercare.kernel.errors import Refused

LARGEST_READING = 1e9
# One member of a dictionary: a key, and after "=" an inner list, a string, a boolean, or a bare number or token;
# parameters may follow. The pieces follow RFC 8941 section 3. Every repetition is possessive: what a piece has taken
# it never gives back, so that no line, however made, takes longer than its length.
BARE = (
    r'(?>"(?:[ !#-\[\]-~]|\\["\\])*+"|\?[01]|[A-Za-z*][^\s,;()"=]*+|-?[0-9]{1,15}+(?:\.[0-9]{1,3}+)?+'
    r"|:[A-Za-z0-9+/=]*+:)"
)
PARAMETERS = rf"(?:;\s*+[a-z*][a-z0-9_.*-]*+(?:={BARE})?+)*+"
INNER_LIST = rf"\((?:\s*+{BARE}{PARAMETERS}(?:\s++{BARE}{PARAMETERS})*+)?+\s*+\)"
MEMBER = re.compile(rf"\s*+([a-z*][a-z0-9_.*-]*+)(?:=({INNER_LIST}|{BARE}))?+{PARAMETERS}\s*+(,|$)")
ITEM = re.compile(rf"({BARE}){PARAMETERS}")


def parse(line: str) -> dict[str, Any]:
    """The dictionary of one report: numbers, texts, True for flags, lists for inner lists (parameters dropped).

    Raises Refused with the place where the line stops being a structured-field dictionary.
    """
    found: dict[str, Any] = {}
    place, end = 0, len(line)
    match = MEMBER.match
    while place < end:
        member = match(line, place)
        if member is None:
            raise Refused(f"this is not a CMCD report: it cannot be read from character {place + 1} on")
        key, text, comma = member.groups()
        found[key] = True if text is None else value_of(text)
        place = member.end()
        if comma and place == end:
            raise Refused("this is not a CMCD report: it ends with a comma")
    if not found:
        raise Refused("this line is empty")
    return found


def value_of(text: str) -> Any:
    """A bare item or an inner list as a Python value."""
    first = text[0]
    if first == "(":
        inside = text[1:-1]
        return [int(inside)] if inside.isdecimal() else [value_of(item) for item in ITEM.findall(inside)]
    if first == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if "\\" in text else text[1:-1]
    if first in "-0123456789":
        return float(text) if "." in text else int(text)
    if first == "?":
        return text == "?1"
    return text


def number_of(report: dict[str, Any], key: str) -> float | None:
    """A key's number; of an inner list the first number. None where there is none."""
    value = report.get(key)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value


def reading_of(report: dict[str, Any], key: str) -> float | None:
    """A key's number where it can be a reading: players are known to send negative and absurd ones. Else None."""
    number = number_of(report, key)
    return float(number) if number is not None and 0 <= number <= LARGEST_READING else None


def text_of(report: dict[str, Any], key: str, longest: int = 128) -> str:
    """A key's text, cut at `longest`; of an inner list the first. Empty where there is none."""
    value = report.get(key)
    if isinstance(value, list):
        value = value[0] if value else ""
    return value[:longest] if isinstance(value, str) else ""
