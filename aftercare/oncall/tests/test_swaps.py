"""Swaps: one asks, another takes, gives back, or a manager decides."""

from datetime import timedelta

import pytest

from aftercare.audit.models import Entry
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from aftercare.oncall import actions, queries
from aftercare.oncall.models import Change, Swap
from aftercare.oncall.tests.cast import Duty

HOUR = timedelta(hours=1)


@pytest.fixture
def at_noon(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Duty:
    for views in ("schedule", "swaps"):
        monkeypatch.setattr(f"aftercare.oncall.views.{views}.utc_now", lambda: duty.now)
    return duty


def ask(duty: Duty) -> Swap:
    """Lin asks for two to five in the afternoon."""
    start = duty.now + 2 * HOUR
    return actions.ask_swap(
        schedule=duty.primary, user=duty.world.eng, starts_at=start, ends_at=start + 3 * HOUR, now=duty.now
    )


def on(duty: Duty) -> list[str]:
    return [shift.names for shift in queries.shifts(duty.primary, duty.now, duty.now + 8 * HOUR)]


def notices(person: str) -> list[str]:
    told = Delivery.objects.filter(kind="swap", user__name=person).order_by("pk")
    return [one.title for one in told]


def test_it_works_from_the_page(at_noon: Duty) -> None:
    world = at_noon.world
    told = {"schedule": at_noon.primary.ref, "starts_at": "2026-11-23T14:00", "ends_at": "2026-11-23T17:00"}
    assert world.client("eng").post("/oncall/swaps", told | {"reason": "school"}).status_code == 302
    swap = Swap.objects.get()
    assert notices("Mei") == ["Lin asks who takes Primary from 2026-11-23 14:00 until 2026-11-23 17:00"]
    assert "Who takes it?" in world.client("mei").get("/oncall").content.decode()
    world.client("mei").post(f"/oncall/swaps/{swap.ref}/taking")
    assert on(at_noon) == ["Lin", "Mei", "Lin"]
    assert notices("Lin") == ["Mei takes Primary for you from 2026-11-23 14:00 until 2026-11-23 17:00"]
    assert "Mei takes it" in world.client("eng").get("/oncall").content.decode()
    world.client("mei").post(f"/oncall/swaps/{swap.ref}/return")
    assert on(at_noon) == ["Lin"]
    world.client("eng").post(f"/oncall/swaps/{swap.ref}/withdrawal")
    swap.refresh_from_db()
    assert swap.withdrawn_at == at_noon.now and not Change.objects.exists()
    kinds = Entry.objects.filter(subject=swap.ref).order_by("pk").values_list("action", flat=True)
    assert list(kinds) == ["swap.ask", "swap.take", "swap.give_back", "swap.withdraw"]


def test_of_two_who_take_it_the_first_has_it(duty: Duty) -> None:
    swap, world = ask(duty), duty.world
    actions.take_swap(swap=swap, taker=world.mei, actor=world.mei, now=duty.now)
    actions.take_swap(swap=swap, taker=world.mei, actor=world.mei, now=duty.now)
    assert Change.objects.count() == 1
    with pytest.raises(Refused, match="Mei has taken this already"):
        actions.take_swap(swap=swap, taker=world.ada, actor=world.ada, now=duty.now)


def test_a_manager_may_decide_and_others_only_for_themselves(duty: Duty) -> None:
    swap, world = ask(duty), duty.world
    with pytest.raises(Refused, match="manages the on-call"):
        actions.take_swap(swap=swap, taker=world.mei, actor=world.eng, now=duty.now)
    actions.take_swap(swap=swap, taker=world.mei, actor=world.ada, now=duty.now)
    with pytest.raises(Refused, match="Only Mei"):
        actions.give_swap_back(swap=swap, actor=world.eng, now=duty.now)
    actions.withdraw_swap(swap=swap, actor=world.eng, now=duty.now)
    assert on(duty) == ["Lin"]
    with pytest.raises(Refused, match="Lin has withdrawn this"):
        actions.take_swap(swap=swap, taker=world.mei, actor=world.mei, now=duty.now)


def test_one_asks_only_for_ones_own_time(duty: Duty) -> None:
    start = duty.now + HOUR
    told = {"schedule": duty.primary, "starts_at": start, "ends_at": start + HOUR, "now": duty.now}
    with pytest.raises(Refused, match="You are not on Primary"):
        actions.ask_swap(user=duty.world.ada, **told)
    with pytest.raises(Refused, match="over already"):
        actions.ask_swap(user=duty.world.eng, **told | {"now": start + 2 * HOUR})


def test_a_change_that_is_ended_opens_its_swap_again(duty: Duty) -> None:
    swap, world = ask(duty), duty.world
    actions.take_swap(swap=swap, taker=world.mei, actor=world.mei, now=duty.now)
    actions.remove_change(change=Change.objects.get(), actor=world.ada, now=duty.now)
    swap.refresh_from_db()
    assert swap.taken_by is None and swap.change is None and queries.open_swaps(duty.now) == [swap]


def test_for_customers_people_and_for_who_takes_no_pages_there_is_none(at_noon: Duty) -> None:
    swap = ask(at_noon)
    for path in ("taking", "return", "withdrawal"):
        assert at_noon.world.client("zhao").post(f"/oncall/swaps/{swap.ref}/{path}").status_code == 404
        assert at_noon.world.client("agent").post(f"/oncall/swaps/{swap.ref}/{path}").status_code == 403
    assert at_noon.world.client("zhao").post("/oncall/swaps").status_code == 404
