"""What text is cut into, and that every part of it can be looked up."""

from hypothesis import given
from hypothesis import strategies as st

from aftercare.desk.search.excerpts import excerpt
from aftercare.desk.search.tokens import asked_of, folded, pieces, tokens_of

WORDS = st.text(alphabet="卡顿率推流首帧耗时高低abcXYZ019 ，。_-", min_size=1, max_size=60)


def test_it_works() -> None:
    assert tokens_of(folded("秒开率 ok")) == {"秒开", "开率", "率", "|秒开率", "ok"}
    assert tokens_of(folded("Room_8842，ＳＤＫ")) == {"room_8842", "8842", "sdk"}


def is_there(tokens: set[str], text: str) -> bool:
    """Whether every look-up of the text's pieces has an answer, as the database would say."""
    lookups = [lookup for piece in pieces(text) for lookup in asked_of(*piece)[0]]
    return all(
        any(held.startswith(token) for held in tokens) if by_beginning else token in tokens
        for token, by_beginning in lookups
    )


@given(WORDS, st.data())
def test_every_run_of_chinese_in_a_text_is_found(text: str, data: st.DataObject) -> None:
    plain = folded(text)
    for piece, is_run in pieces(plain):
        start = data.draw(st.integers(0, len(piece) - 1)) if is_run else 0
        end = data.draw(st.integers(start + 1, len(piece))) if is_run else len(piece)
        assert is_there(tokens_of(plain), piece[start:end]), piece[start:end]


@given(WORDS, st.text(alphabet="卡顿率推流首帧", min_size=1, max_size=4))
def test_what_is_not_in_a_text_is_not_found(text: str, word: str) -> None:
    plain = folded(text)
    assert is_there(tokens_of(plain), word) == (word in plain)


@given(WORDS, WORDS)
def test_an_excerpt_is_made_of_the_text_alone(text: str, needle: str) -> None:
    shown = "".join(piece.text for piece in excerpt(text, [folded(needle)]))
    assert shown.strip("…") in " ".join(text.split())
    for piece in excerpt(text, [folded(needle)]):
        assert not piece.is_hit or folded(piece.text) in folded(needle)
