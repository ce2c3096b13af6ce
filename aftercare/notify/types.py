"""Values that rooms above share with this one."""

from aftercare.notify.outcome import in_readers_words, joined

__all__ = ["in_parts", "in_readers_words", "joined"]


def in_parts(text: str, most_bytes: int) -> list[str]:
    """The text in pieces of at most so many bytes of UTF-8, no character cut; one empty piece for no text."""
    parts: list[str] = []
    raw = text.encode()
    while raw:
        piece = raw[:most_bytes].decode(errors="ignore")
        parts.append(piece)
        raw = raw[len(piece.encode()) :]
    return parts or [""]
