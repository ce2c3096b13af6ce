"""A customer's own schedule is woken first, for its pages alone; the policy follows."""

from aftercare.oncall import actions
from aftercare.oncall.models import Page, Schedule
from aftercare.oncall.tests.cast import MONDAY, Duty, duty, empty, make_schedule
from tests.world import World

__all__ = ["duty"]


def own_schedule(world: World) -> Schedule:
    """Mei alone, in no step of the policy."""
    return make_schedule(world, "Starlight", [world.mei])


def test_it_works_from_the_routing_page(world: World, duty: Duty) -> None:
    schedule, path = own_schedule(world), f"/routing/customers/{world.show.ref}"
    told = {"expert": "", "deputy": "", "schedule": schedule.ref}
    assert world.client("agent").post(path, told).status_code == 403
    assert world.client("mei").post(path, told).status_code == 302
    assert f'value="{schedule.ref}" selected' in world.client("mei").get("/routing").content.decode()
    world.client("zhao").post("/green", {"sentence": "all down"})
    page = Page.objects.get()
    assert [step["name"] for step in page.policy_snapshot["steps"]] == ["Starlight", "Primary", "Backup"]
    assert {notice.user.name for notice in page.notices.all()} == {"Mei"}
    other = duty.page(customer_id=world.social.pk)
    assert {notice.user.name for notice in other.notices.all()} == {"Lin"}, "the others' pages begin as before"
    world.client("mei").post(path, told | {"schedule": ""})
    assert duty.page(subject_ref="inc-2").policy_snapshot["steps"][0]["name"] == "Primary"


def test_one_that_the_policy_has_already_is_only_moved_to_the_front(world: World, duty: Duty) -> None:
    actions.set_customer_schedule(customer=world.show, schedule=duty.backup, actor=world.ada, now=MONDAY)
    page = duty.page()
    assert [step["name"] for step in page.policy_snapshot["steps"]] == ["Backup", "Primary"]
    empty(duty.backup)
    passed = duty.page(subject_ref="inc-2")
    assert {notice.user.name for notice in passed.notices.all()} == {"Lin"}, "nobody on it: passed at once"
