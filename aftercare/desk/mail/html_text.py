"""HTML of a mail as text, by one pass over it: nothing of the HTML is kept, so nothing of it can run.

Our own scanner because the cleaners we know take minutes for a few hundred kilobytes of nested tags
(nh3: 180 s for 200,000 `<div>`), and a mail is written by anybody.
"""

import html
import re

LONGEST_TAG = 8_000
# Their content is no text: it is passed over up to the closing tag.
DROPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "iframe"))
BLOCK_NAMES = """
    p div br tr li ul ol table h1 h2 h3 h4 h5 h6 hr pre blockquote section article header footer dl dt dd
"""
BLOCKS = frozenset(BLOCK_NAMES.split())
CELLS = frozenset(("td", "th"))
NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")
HREF = re.compile(r"""href\s*=\s*["']?(https?://[^"'\s>]{1,2000})""", re.I)
ALT = re.compile(r"""alt\s*=\s*["']([^"']{1,200})["']""", re.I)
SPACES = re.compile(r"[ \t\r\n\f\v]+")
DEEPEST_QUOTE = 8


class Writer:
    """Lines as they are written, each behind the marks of the quotes that it stands in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []  # of the line being written: a line may have a million of them
        self.depth = 0
        self.link = ""
        self.link_begins = 0

    def say(self, text: str) -> None:
        """Add words to the line."""
        words = SPACES.sub(" ", html.unescape(text).replace("\xa0", " "))
        if not self.pieces or self.pieces[-1].endswith(" "):
            words = words.lstrip()
        if words:
            self.pieces.append(words)

    def end_line(self, *, forced: bool = False) -> None:
        """Begin a new line, unless nothing stands on this one."""
        line = "".join(self.pieces).strip()
        if line or forced:
            self.lines.append(f"{'> ' * min(self.depth, DEEPEST_QUOTE)}{line}".rstrip())
        self.pieces = []
        self.link_begins = 0

    def tag(self, name: str, markup: str) -> None:
        """What one tag does to the lines."""
        closes = markup.startswith("</")
        if name == "blockquote":
            self.end_line()
            self.depth = max(0, self.depth + (-1 if closes else 1))
        elif name in BLOCKS:
            self.end_line(forced=name == "br" or (name == "p" and closes))
            if name == "li" and not closes:
                self.pieces.append("- ")
        elif name in CELLS and not closes and self.pieces:
            self.pieces.append("  ")
        elif name == "img" and (alt := ALT.search(markup)):
            self.say(f"[{alt[1]}]")
        elif name == "a":
            self.anchor(markup, closes=closes)

    def anchor(self, markup: str, *, closes: bool) -> None:
        """A link's address behind its words, where the words do not say it."""
        if closes:
            if self.link and self.link.rstrip("/") not in "".join(self.pieces[self.link_begins :]):
                self.pieces.append(f" <{self.link}>")
            self.link = ""
        elif found := HREF.search(markup):
            self.link, self.link_begins = html.unescape(found[1]), len(self.pieces)


def text_of_html(source: str) -> str:
    """The words of an HTML mail, block by block; quotes are marked with `> `. Takes time in proportion to its size."""
    writer, lower = Writer(), source.lower()
    place, size = 0, len(source)
    closed_from = 0  # up to here there is no > that was not seen
    while place < size:
        start = source.find("<", place)
        if start < 0:
            writer.say(source[place:])
            break
        writer.say(source[place:start])
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            if end < 0:
                break  # what follows is a comment to the end, as a browser reads it
            place = end + 3
            continue
        end = source.find(">", max(start + 1, closed_from), start + LONGEST_TAG)
        if end < 0:
            closed_from = start + LONGEST_TAG
        named = NAME.match(source, start)
        if end < 0 or (named is None and source[start + 1 : start + 2] not in ("!", "?", "/")):
            writer.say("<")
            place = start + 1
            continue
        place = end + 1
        if named is None:
            continue
        name = named[1].lower()
        if name in DROPPED and source[start + 1] != "/" and source[end - 1] != "/":
            place = after(lower, name, place)
            continue
        writer.tag(name, source[start : end + 1])
    writer.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(writer.lines)).strip()


def after(lower: str, name: str, place: int) -> int:
    """Where the element that begins before `place` has ended; the end of it all where it is never closed."""
    end = lower.find(f"</{name}", place)
    if end < 0:
        return len(lower)
    close = lower.find(">", end)
    return close + 1 if close >= 0 else len(lower)
