"""How long a text each vendor takes at once, and cutting longer ones into parts that go one after the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aftercare.notify.models import Channel


def in_bytes(text: str) -> int:
    """UTF-8 bytes."""
    return len(text.encode())


def in_utf16(text: str) -> int:
    """UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def in_entities(text: str) -> int:
    """Characters once Slack's three are written as entities."""
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


@dataclass(frozen=True)
class Limit:
    """What a vendor takes in one message, counted by `size`, less the room for a speaker's name and our marks."""

    at_most: int
    room: int
    size: Callable[[str], int]


# Slack advises 4,000 (chat.postMessage); Telegram takes 4,096 (sendMessage); a WeCom robot 2,048 bytes (path/91770);
# DingTalk 20,000 bytes (custom robots); Feishu 150 KB for the whole request (im-v1 message/create).
LIMITS: Mapping[str, Limit] = {
    Channel.FEISHU: Limit(120_000, 1_000, in_bytes),
    Channel.DINGTALK: Limit(18_000, 600, in_bytes),
    Channel.SLACK: Limit(4_000, 400, in_entities),
    Channel.TELEGRAM: Limit(4_096, 300, in_utf16),
    Channel.WECOM: Limit(2_048, 500, in_bytes),
}


def parts_of(channel: str, text: str) -> list[str]:
    """The text as it fits the channel: one part where it fits, else several, each saying which of how many it is."""
    limit = LIMITS.get(channel)
    if limit is None or limit.size(text) <= limit.at_most - limit.room:
        return [text]
    pieces = cut(text, limit.at_most - limit.room, limit.size)
    return [f"({number}/{len(pieces)}) {piece}" for number, piece in enumerate(pieces, start=1)]


def cut(text: str, at_most: int, size: Callable[[str], int]) -> list[str]:
    """Pieces of at most this size, cut where a paragraph, a line, a sentence or a word ends, if one does."""
    pieces = []
    while size(text) > at_most:
        end = longest_start(text, at_most, size)
        place = best_break(text[:end])
        pieces.append(text[:place].rstrip())
        text = text[place:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def longest_start(text: str, at_most: int, size: Callable[[str], int]) -> int:
    """How many characters of the beginning are of at most this size; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= at_most else (low, middle - 1)
    return low


def best_break(text: str) -> int:
    """Where to cut this beginning: after its last break in the second half, else at its end."""
    for mark in ("\n\n", "\n", "。", "！", "？", ". ", "；", "，", " "):
        place = text.rfind(mark, len(text) // 2)
        if place >= 0:
            return place + len(mark)
    return len(text)
