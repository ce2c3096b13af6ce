"""Protocol Buffers as they lie in a body: fields with their places, nothing copied before it is wanted.

https://protobuf.dev/programming-guides/encoding/: a tag (field number << 3 | wire type), then a varint, 8 bytes, a
length and that many bytes, or 4 bytes.
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
UNREADABLE = "the body is not the Protocol Buffers message that its address expects: it ends within a field"


class Unreadable(Exception):
    """Bytes that are no message."""


def varint(body: bytes, at: int) -> tuple[int, int]:
    """The varint at a place, and the place after it. Raises Unreadable."""
    value = shift = 0
    try:
        while True:
            byte = body[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7
            if shift > 63:
                raise Unreadable(UNREADABLE)
    except IndexError:
        raise Unreadable(UNREADABLE) from None


def fields(body: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """Each field of a message as (number, wire type, start, stop) of its content. Raises Unreadable."""
    at = start
    while at < stop:
        tag, at = varint(body, at)
        kind = tag & 7
        if kind == BYTES:
            length, begin = varint(body, at)
            at = begin + length
        elif kind == VARINT:
            begin = at
            _, at = varint(body, at)
        elif kind in (FIXED64, FIXED32):
            begin = at
            at += 8 if kind == FIXED64 else 4
        else:
            raise Unreadable(UNREADABLE)
        if at > stop:
            raise Unreadable(UNREADABLE)
        yield tag >> 3, kind, begin, at


def varint_of(value: int) -> bytes:
    """A number as a varint."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def varints(body: bytes, kind: int, start: int, stop: int) -> list[int]:
    """Packed varints, or the one that stands alone."""
    found, at = [], start
    while at < stop:
        value, at = varint(body, at)
        found.append(value)
        if kind != BYTES:
            break
    return found


def doubles(body: bytes, start: int, stop: int) -> list[float]:
    """Packed doubles."""
    return list(struct.unpack_from(f"<{(stop - start) // 8}d", body, start))


def zigzag(value: int) -> int:
    """A signed number out of its zigzag form."""
    return (value >> 1) ^ -(value & 1)


def signed(value: int) -> int:
    """A varint as the signed 64-bit number it stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value
