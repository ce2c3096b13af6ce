"""What the doubles of SMS and calls share: what they sent, and how often they let one number be reached."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.vendors_of_chat.double import Double

LINK = re.compile(r"https?://|www\.")


@dataclass
class Reached:
    """A text or a call that the vendor took."""

    number: str
    action: str
    said: Any
    id: str
    out: str = ""


@dataclass
class Phones(Double):
    """A vendor of SMS and calls. What a test does not take with `next` fails it at the end."""

    reached: list[Reached] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    counted: dict[tuple[str, str], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    made: int = 0

    def next(self) -> Reached:
        """The oldest that was not looked at; fails where there is none."""
        assert self.reached, "nothing came"
        return self.reached.pop(0)

    def over(self, kind: str, number: str, limits: tuple[tuple[float, int], ...]) -> tuple[float, int] | None:
        """The limit that one more would be beyond; None, and it is counted, where there is none."""
        times = self.counted[kind, number]
        for seconds, most in limits:
            if sum((self.now - at).total_seconds() < seconds for at in times) >= most:
                return seconds, most
        times.append(self.now)
        return None

    def keep(self, number: str, action: str, said: Any, out: str = "") -> str:
        """Take it. Where the test wants a hanging vendor, it is taken before the answer goes."""
        self.made += 1
        made = f"{action}-{self.made}"
        self.reached.append(Reached(number, action, said, made, out))
        if self.hang is not None:
            self.hang.wait(20)
        return made

    def check_words(self, words: list[str], most: int) -> None:
        """No variable may be empty, longer than the vendor permits, or carry a link."""
        for word in words:
            assert isinstance(word, str) and 1 <= len(word) <= most, word
            assert not LINK.search(word), f"a link: {word}"
            assert not set(word) & set("【】[]{}<>\n"), word
