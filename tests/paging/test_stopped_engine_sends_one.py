"""An engine that was stopped past two waits sends one text, not one for each."""

from tests.paging.night import Night


def test_one_text_not_three(night: Night) -> None:
    lin = night.world.eng
    night.order(lin, lin, lin, delay_s=300)
    night.page()
    night.pass_by(620)
    night.work()
    assert night.heard() == ["Lin text"]
    night.silence(299)
    night.wait(1)
    assert night.heard() == ["Lin text"], "the next wait counts from the step that was late"
