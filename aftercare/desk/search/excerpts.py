"""Showing why something was found: the words around the hit, cut into plain and marked pieces. Never HTML."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

BEFORE, LENGTH = 40, 160


@dataclass(frozen=True)
class Piece:
    """A piece of an excerpt; the template escapes it and marks hits."""

    text: str
    is_hit: bool = False


def excerpt(text: str, needles: Sequence[str]) -> list[Piece]:
    """About LENGTH characters around the first hit; the beginning of the text when there is none."""
    shown = " ".join(text.split())
    plain, places = folded_with_places(shown)
    hits = hits_of(plain, needles)
    spans = [(places[start], places[end - 1] + 1) for start, end in hits]
    first = spans[0][0] if spans else 0
    begin = max(first - BEFORE, 0) if len(shown) > LENGTH else 0
    end = min(begin + LENGTH, len(shown))
    pieces = [Piece("…")] if begin else []
    at = begin
    for start, stop in spans:
        if start < at or start >= end:
            continue
        pieces += [Piece(shown[at:start]), Piece(shown[start : min(stop, end)], is_hit=True)]
        at = min(stop, end)
    pieces += [Piece(shown[at:end]), Piece("…" if end < len(shown) else "")]
    return [piece for piece in pieces if piece.text]


def holds(plain: str, needles: Sequence[str]) -> int:
    """How many of the needles are in folded text."""
    return sum(needle in plain for needle in needles)


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place in `text` it came from."""
    folded, places = [], []
    for place, character in enumerate(text):
        for sign in unicodedata.normalize("NFKC", character).lower():
            folded.append(sign)
            places.append(place)
    return "".join(folded), places


def hits_of(plain: str, needles: Sequence[str]) -> list[tuple[int, int]]:
    """Where needles are, from left to right, none inside another."""
    found: list[tuple[int, int]] = []
    for needle in sorted(set(needles), key=len, reverse=True):
        at = plain.find(needle) if needle else -1
        while at >= 0 and len(found) < 50:
            if all(at >= end or at + len(needle) <= start for start, end in found):
                found.append((at, at + len(needle)))
            at = plain.find(needle, at + len(needle))
    return sorted(found)
