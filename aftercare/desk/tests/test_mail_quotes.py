"""Where a reply ends and its quote begins, in the shape of each mail program."""

from pathlib import Path

import pytest

from aftercare.desk.mail.quotes import split_quotes

OWN = "已升级到 4.2.1，还是卡顿。\n房间 8831。"
OLD = "请升级 SDK。"
ENGLISH = "Upgraded to 4.2.1, it still stalls."

# One file for each mail program, in the shape in which it writes its answers.
REPLIES = sorted((Path(__file__).parent / "replies").glob("*.txt"))


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.stem)
def test_a_reply_is_parted_from_its_quote(reply: Path) -> None:
    split = split_quotes(reply.read_text())
    assert split.body.startswith(OWN)
    assert OLD not in split.body and "support@provider.example" not in split.body
    assert OLD in split.quoted


def test_below_the_quote_is_said_too() -> None:
    split = split_quotes(f"On Mon, Nov 30, 2026, Support <s@x.example> wrote:\n> {OLD}\n> more\n\n{ENGLISH}")
    assert (split.body, OLD in split.quoted) == (ENGLISH, True)


def test_answers_between_the_lines_stay_with_what_they_answer() -> None:
    text = "On Mon, Nov 30, 2026, Support wrote:\n> version?\n4.2.1\n> room?\n8831\n"
    assert split_quotes(text).body == text.strip()
    assert split_quotes(text).quoted == ""


@pytest.mark.parametrize(
    "text",
    [
        "在昨天的会议上他们写道：没有问题。\n但是还有。",
        "On the dashboard somebody wrote: nothing",
        "发件人：这个字段在你们的 API 里是什么意思？\n谢谢",
        "The log says:\n-----\nFrom: 10.0.0.1\nerror 5\n-----\nwhat now?",
        "if (a > b) {\n> x\n}",
        "",
    ],
)
def test_a_persons_own_words_are_no_quote(text: str) -> None:
    assert split_quotes(text).body == text.strip()


def test_a_forward_without_words_is_what_is_said() -> None:
    text = "---------- Forwarded message ---------\nFrom: User <u@x.example>\nDate: Mon\nSubject: broken\n\nIt stalls."
    assert "It stalls." in split_quotes(text).body


def test_a_long_mail_costs_little() -> None:
    split_quotes("On 1 " * 200_000)
    split_quotes("\n".join(["在 2026"] * 100_000))
    split_quotes("\n".join(["> x"] * 300_000))
