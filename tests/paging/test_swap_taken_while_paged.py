"""A swap that is taken while a page runs: the message that went stays, and the next round wakes who stands in."""

from datetime import timedelta

from aftercare.oncall import actions
from tests.paging.night import Night


def test_the_next_round_is_the_takers(night: Night) -> None:
    world = night.world
    night.order(night.duty.primary, night.duty.backup, repeat=2)
    swap = actions.ask_swap(
        schedule=night.duty.primary,
        user=world.eng,
        starts_at=night.now,
        ends_at=night.now + timedelta(hours=6),
        now=night.now,
    )
    night.page()
    night.wait(100)
    assert night.heard() == ["Lin text"]
    assert world.client("mei").post(f"/oncall/swaps/{swap.ref}/taking").status_code == 302
    night.wait(501)
    assert night.heard() == ["Ada text", "Mei text"]
    assert world.client("mei").post(f"/oncall/swaps/{swap.ref}/return").status_code == 302
    night.wait(600)
    assert night.heard() == ["Ada text", "Lin text"], "given back, it is Lin's again"
