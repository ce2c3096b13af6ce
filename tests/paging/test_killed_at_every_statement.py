"""A worker that dies at any statement of a step and its messages loses nothing and never sends one twice unmarked.

Red pages go again marked where the vendor may have them, and only there; warnings do not.
"""

import pytest

from aftercare.notify.engine.sender import Sender
from aftercare.oncall.models import Page, PageState
from tests.paging.dying import dies_after, providers
from tests.paging.night import Night, states

MOST_STATEMENTS = 200
OF_THE_ENGINE = 15


def outcome(night: Night, number: int) -> tuple[bool, list[str], list[str]]:
    """The second step of a red page and of a warning, the worker dying after so many statements; then another comes.

    Whether it died, and what was heard before and after.
    """
    Page.objects.exclude(state=PageState.CLOSED).update(state=PageState.CLOSED)
    red, warning = (night.page(subject_ref=f"inc-{number}-{how}", severity=how) for how in ("red", "warning"))
    night.work()
    assert night.heard() == ["Lin text"] * 2
    night.pass_by(301)
    died = dies_after(number, night.work)
    before = night.heard()
    night.sender = Sender()
    night.pass_by(40)
    night.work()
    after = night.heard()
    told = before + after
    assert told.count("Ada text") <= 2, "never two unmarked about one page"
    assert states(red)[1:] == ["sent"], "the red one reached the vendor"
    assert states(warning)[1:] in (["sent"], ["dropped"])
    assert len(after) <= 2 and "Ada text, again" not in before
    if states(warning)[1:] == ["dropped"]:
        assert "Ada text, again" in after, "both were in the unknowable window, the red one went again"
        assert after.count("Ada text") == 0
    return died, before, after


@pytest.mark.parametrize("at_once", [True, False], ids=["after the vendor took it", "before the vendor took it"])
def test_every_statement(open_night: Night, monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    night, seen = open_night, set()
    # Twilio limits nobody, so that a hundred nights fit into one.
    night.ringing.account("sms:twilio", prefixes="+86", place=0)
    with providers(monkeypatch, at_once=at_once):
        # What the engine says before anything is sent is the same in both orders: once is enough.
        for number in range(0 if at_once else OF_THE_ENGINE, MOST_STATEMENTS):
            died, before, after = outcome(night, number)
            seen.add((tuple(sorted(before)), tuple(sorted(after))))
            if not died:
                break
        else:
            raise AssertionError("the work never ended")
    one, both, again = "Ada text", ("Ada text", "Ada text"), ("Ada text, again",)
    assert number > 20
    assert ((), both) in seen, "died before anything went"
    assert (both, ()) in seen, "died after all of it was written down"
    assert (both if at_once else (), again) in seen, "died between the vendor and the record"
    assert not any(one in before and one in after for before, after in seen)
    Page.objects.update(state=PageState.CLOSED)
