"""Once somebody has it nothing more goes out, not even what was due in the same second."""

from aftercare.oncall import engine
from tests.paging.night import Night, states


def test_what_was_due_in_that_second_stays(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.eng, after_s=60)
    page = night.page()
    night.wait(59)
    assert night.heard() == ["Lin text"]
    night.pass_by(1)
    night.take(page)
    night.silence()
    assert states(page, "voice") == ["dropped"]


def test_a_step_that_was_due_is_not_taken(night: Night) -> None:
    page = night.page()
    night.wait(299)
    assert night.heard() == ["Lin text"]
    night.pass_by(1)
    night.take(page)
    assert engine.process_due(night.now) == 0
    night.silence()


def test_a_step_that_was_just_taken_is_not_sent(night: Night) -> None:
    page = night.page()
    night.wait(299)
    assert night.heard() == ["Lin text"]
    night.pass_by(1)
    assert engine.process_due(night.now) == 1
    night.take(page)
    night.silence()
