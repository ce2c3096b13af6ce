"""Cutting text into tokens, so that PostgreSQL can search Chinese without an extension.

Words of letters and digits are kept whole from each of their parts on (`room_8842` as `room_8842` and `8842`) and are
found by their beginning. A run of Chinese (Japanese, Korean) characters is kept at each place twice: as the two
characters that begin there, and, under a mark, as the three or four. That makes every Chinese word of one to four
characters one look-up with an exact answer; longer phrases are proven on the text.
"""

import re
import unicodedata
from collections.abc import Iterator

WORD_LIMIT = 64
INNER = "!"  # before the tokens of internal notes
LONG = "|"  # before runs of three and four characters
TAG = "#"
FILE = "@file"  # a conversation with files
# Never one of a word's characters, so that no text can forge a mark.
CJK = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
PIECE = re.compile(rf"(?P<run>[{CJK}]+)|(?P<word>[^\W_{CJK}]+(?:[._\-:/@+&=%]+[^\W_{CJK}]+)*)")
PART = re.compile(r"(?<![^._\-:/@+&=%])[^._\-:/@+&=%]")


def folded(text: str) -> str:
    """The text as it is compared: NFKC (full width is half width), lower case, white space as single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The words and runs of folded text, in order; the second says whether it is a run of CJK characters."""
    for match in PIECE.finditer(text):
        yield match[0], match.lastgroup == "run"


def tokens_of(text: str) -> set[str]:
    """All tokens of folded text."""
    found: set[str] = set()
    for piece, is_run in pieces(text):
        if is_run:
            for place in range(len(piece)):
                found.add(piece[place : place + 2])
                if len(piece) - place > 2:
                    found.add(LONG + piece[place : place + 4])
        else:
            found.update(piece[part.start() :][:WORD_LIMIT] for part in PART.finditer(piece))
    return found


def asked_of(piece: str, is_run: bool) -> tuple[list[tuple[str, bool]], bool]:
    """What to look up for one piece of a question: (token, by its beginning), and whether that alone proves it."""
    if not is_run:
        return [(piece[:WORD_LIMIT], len(piece) > 1)], True
    match len(piece):
        case 1:
            return [(piece, True)], True
        case 2:
            return [(piece, False)], True
        case 3 | 4:
            return [(LONG + piece, len(piece) == 3)], True
        case _:
            return [(LONG + piece[n : n + 4], False) for n in range(len(piece) - 3)], False
