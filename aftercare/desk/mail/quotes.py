"""Where a reply ends and what it quotes begins, in the shape of each mail program."""

import re
from dataclasses import dataclass

FURTHEST = 8  # lines of a header block that are looked at
# "在 2026年11月30日，15:05，Zhao <z@x> 写道：", "Zhao <z@x> 于2026年11月30日周一 15:05写道：", "On … wrote:"
WROTE = (
    re.compile(r"^(?=.*\d)在.{4,240}(?:写道|寫道)\s*[:：]?$"),
    re.compile(r"^.{0,200}(?:于|於|在)\s?\d{4}\s?[年/.-].{4,120}(?:写道|寫道)\s*[:：]?$"),
    re.compile(r"^(?:On|At|Le|Am) .{0,60}\d.{4,240}(?:wrote|a écrit|schrieb)(?:\s.{0,120})?\s*[:：]$", re.I),
    re.compile(r"^.{1,160}<[^<>\s]+@[^<>\s]+>\s*(?:wrote|写道|寫道)\s*[:：]$", re.I),
)
WROTE_AT_ALL = re.compile(r"(?:wrote|写道|寫道|a écrit|schrieb)", re.I)
# "------------------ 原始邮件 ------------------", "-----Original Message-----", "----- 回复的原邮件 -----"
HEADINGS = "|".join(
    (
        "原始邮件|原始郵件|原始信件|原邮件|回复的原邮件|回复的邮件|转发的邮件|转发邮件|邮件原件",
        "Original(?: Message| Email)?|Replied Message|Forwarded Message|Reply message",
    )
)
RULE = re.compile(rf"^[-—_=*\s]{{2,40}}\s*(?:{HEADINGS})\s*[-—_=*\s]{{2,40}}$", re.I)
SENDERS = "From|发件人|寄件者|寄件人|差出人|發件人"
OTHERS = "|".join(
    (
        "Sent|Date|To|Cc|Subject|发送时间|发送日期|日期|时间|收件人|抄送|抄送人|主题",
        "寄件日期|收件者|副本|主旨|送信日時|宛先|件名",
    )
)
FROM = re.compile(rf"^\*{{0,2}}({SENDERS})\s*\*{{0,2}}\s*[:：]\s*\*{{0,2}}", re.I)
BESIDE = re.compile(rf"^\*{{0,2}}({OTHERS})\s*\*{{0,2}}\s*[:：]\s*\*{{0,2}}", re.I)
DRAWN = re.compile(r"^[_\-—=]{5,}$")


@dataclass(frozen=True)
class Split:
    """A mail's own words, and what it quotes of earlier ones; both stripped."""

    body: str
    quoted: str


def split_quotes(text: str) -> Split:
    """Part a mail's own words from its quote. Words between quoted lines stay where they are, with what they answer."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = first_quoted(lines)
    if start is None:
        return Split(text.strip(), "")
    end = len(lines)
    if is_marked(lines, start):
        blocks, own = marked_blocks(lines, start)
        if own and blocks > 1:  # answered line by line: the quotes are part of what is said
            return Split(text.strip(), "")
        if own:
            end = own[0]
    before, after = "\n".join(lines[:start]).strip(), "\n".join(lines[end:]).strip()
    quoted = "\n".join(lines[start:end]).strip()
    if not before and not after and is_forward(lines[start]):
        return Split(text.strip(), "")
    return Split("\n\n".join(part for part in (before, after) if part), quoted)


def first_quoted(lines: list[str]) -> int | None:
    """The line at which the quote begins, its heading included."""
    for place, raw in enumerate(lines):
        line = raw.strip()
        if not line:
            continue
        if line.startswith(">"):
            if plainly_quoted(lines, place):
                return place
            line = line.lstrip("> ").strip()
        if RULE.match(line) or wrote_within(lines, place):
            return place
        if FROM.match(line) and is_header_block(lines, place):
            return place - 1 if place and DRAWN.match(lines[place - 1].strip()) else place
    return None


def plainly_quoted(lines: list[str], place: int) -> bool:
    """Whether lines marked with > begin here: two of them, or one that ends the mail."""
    following = [line.strip() for line in lines[place : place + 4] if line.strip()]
    return all(line.startswith(">") for line in following[:2])


def wrote_within(lines: list[str], place: int) -> bool:
    """Whether "… wrote:" stands on this line, or is wrapped over it and the next two."""
    joined = ""
    for line in lines[place : place + 3]:
        words = line.strip().lstrip("> ").strip()
        if not words and joined:
            return False
        joined = f"{joined} {words}".strip()
        if len(joined) > 400:
            return False
        if WROTE_AT_ALL.search(joined) and any(shape.match(joined) for shape in WROTE):
            return True
    return False


def is_header_block(lines: list[str], place: int) -> bool:
    """Whether a From: line is followed by two more headers of a quoted mail: a person writes one, programs all."""
    found = sum(
        BESIDE.match(line.strip().lstrip("> ").strip()) is not None for line in lines[place + 1 : place + FURTHEST]
    )
    return found >= 2


def is_marked(lines: list[str], start: int) -> bool:
    """Whether the quote that begins here marks its lines with >."""
    return any(line.lstrip().startswith(">") for line in lines[start : start + 5])


def marked_blocks(lines: list[str], start: int) -> tuple[int, list[int]]:
    """How many runs of marked lines follow `start`, and the numbers of lines behind the first run that have none."""
    blocks, own, inside, seen = 0, [], False, False
    for place in range(start, len(lines)):
        line = lines[place].strip()
        if line.startswith(">"):
            blocks += not inside
            inside = seen = True
        elif line:
            inside = False
            if seen:
                own.append(place)
    return blocks, own


def is_forward(line: str) -> bool:
    """Whether the heading is a forwarded mail's: then the forwarded words are what the sender wants read."""
    words = line.strip()
    return RULE.match(words) is not None or FROM.match(words) is not None or DRAWN.match(words) is not None
