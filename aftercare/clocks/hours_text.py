"""Opening hours as people write them: "09:00-12:00, 13:30-18:00", "00:00-24:00", or nothing for a closed day."""

import re

from django.utils.translation import gettext as _

from aftercare.clocks.types import Blocks, checked_blocks
from aftercare.kernel.errors import Refused

# Dashes and separators as keyboards of both languages write them.
SEPARATORS = re.compile(r"[,;，；、\n]+")
BLOCK = re.compile(r"^(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|～|至|到|to)\s*(\d{1,2})[:：](\d{2})$")
LONGEST = 200


def read_hours(text: str) -> Blocks:
    """The blocks of one day. Raises Refused with the part that is no block, ends before it begins, or overlaps."""
    blocks = [read_block(part.strip()) for part in SEPARATORS.split(text[:LONGEST]) if part.strip()]
    try:
        return checked_blocks(blocks)
    except ValueError:
        sentence = _("“%(text)s”: each block must end after it begins, by 24:00, and not overlap another.")
        raise Refused(sentence % {"text": text.strip()[:80]}) from None


def read_block(text: str) -> tuple[int, int]:
    """First second and the one after the last. Raises Refused."""
    found = BLOCK.match(text)
    if found is None or int(found[2]) > 59 or int(found[4]) > 59:
        raise Refused(_("“%(text)s” is not a time like 09:00-18:00.") % {"text": text[:40]})
    start, end = (int(found[n]) * 3600 + int(found[n + 1]) * 60 for n in (1, 3))
    return start, end


def write_hours(blocks: Blocks) -> str:
    """The blocks as text; "" for a closed day."""
    return ", ".join(f"{clock(start)}-{clock(end)}" for start, end in blocks)


def clock(second: int) -> str:
    """`09:00`; the end of the day is `24:00`."""
    return f"{second // 3600:02}:{second // 60 % 60:02}"
