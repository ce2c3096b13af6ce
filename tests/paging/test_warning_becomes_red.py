"""A warning that becomes red starts over, louder, at the first person; what still waited of the warning is not sent."""

from tests.paging.night import Night, fresh


def test_it_starts_over(night: Night) -> None:
    night.ringing.account("voice:aliyun")
    night.call(night.world.ada, after_s=60)
    page = night.page(severity="warning")
    night.wait(301)
    assert night.heard() == ["Lin text", "Ada text"]
    assert night.page(severity="red") == page
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.silence(295)
    night.wait(70)
    assert night.heard() == ["Ada text", "Ada call"]
    assert fresh(page).severity == "red"


def test_who_has_it_is_left_alone(night: Night) -> None:
    page = night.page(severity="warning")
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.take(page)
    night.page(severity="red")
    night.silence()
