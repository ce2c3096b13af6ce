"""Somebody who has it and cannot go on passes it on: the page is open again and the next person is woken."""

from tests.paging.night import Night, fresh


def test_it_is_nobodys_again(night: Night) -> None:
    page = night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    night.take(page)
    night.silence(600)
    night.world.client("eng").post(f"/pages/{page.ref}/escalation")
    night.wait(1)
    assert night.heard() == ["Ada text"]
    assert (fresh(page).state, fresh(page).acknowledged_by) == ("open", None)
