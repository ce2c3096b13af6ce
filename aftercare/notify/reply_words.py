"""What a reply says: a number, or a word of either language; behind it the message's code, and whom it is for.

`1`, `ack`, `确认` take it; `2`, `escalate`, `升级` wake the next person; `3 lin`, `to lin`, `转 林晓` hand it over;
`4`, `resolve`, `解决` end it. `1123` is a 1 to the message whose code is 123.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aftercare.notify.models import Answer

WORDS: Mapping[Answer, tuple[str, ...]] = {
    Answer.TAKE: ("1", "ack", "acknowledge", "take", "确认", "认领", "收到"),
    Answer.PASS_ON: ("2", "escalate", "pass", "升级", "接不了"),
    Answer.HAND_OVER: ("3", "to", "hand", "转给", "转", "交给"),
    Answer.RESOLVE: ("4", "resolve", "resolved", "已解决", "解决"),
}
ANSWERS = {word: answer for answer, words in WORDS.items() for word in words}
LONGEST_FIRST = "|".join(sorted(ANSWERS, key=len, reverse=True))
# A word of letters ends where its letters do; three digits behind it are a code, more are something else.
SAID = re.compile(rf"({LONGEST_FIRST})(?![a-z])[\s:：,，]*(?:([0-9]{{3}})(?![0-9]))?[\s:：,，]*(.*)")
AT_MOST = 120


@dataclass(frozen=True)
class Said:
    """An answer, the code of the message that it is about, and the words behind it: whom it is handed over to."""

    answer: Answer
    code: str = ""
    to: str = ""


def understood(text: str) -> Said | None:
    """What the text says; None where it says nothing of ours. Only a hand-over has words behind it."""
    said = " ".join(text.split())[:AT_MOST].strip(" .。!！")
    match = SAID.fullmatch(said.casefold())
    if match is None:
        return None
    answer, code, to = ANSWERS[match[1]], match[2] or "", said[match.start(3) :].strip()[:80]
    return None if to and answer is not Answer.HAND_OVER else Said(answer, code, to)
