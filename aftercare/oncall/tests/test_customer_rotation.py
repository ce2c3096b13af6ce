"""A customer's own rotation is woken first, for its pages alone; the policy follows."""

from datetime import time

from aftercare.oncall import actions
from aftercare.oncall.models import Page, Rotation
from aftercare.oncall.tests.cast import MONDAY, Duty, duty
from tests.world import World

__all__ = ["duty"]


def own_rotation(world: World) -> Rotation:
    """Mei alone, in no step of the policy."""
    return actions.save_rotation(
        name="Starlight", members=[world.mei], timezone="Asia/Shanghai", shift_length_days=7, handoff_time=time(10),
        starts_on=MONDAY.date(), actor=world.ada, now=MONDAY,
    )  # fmt: skip


def test_it_works_from_the_routing_page(world: World, duty: Duty) -> None:
    rotation, path = own_rotation(world), f"/routing/customers/{world.show.ref}"
    told = {"expert": "", "deputy": "", "rotation": rotation.ref}
    assert world.client("agent").post(path, told).status_code == 403
    assert world.client("mei").post(path, told).status_code == 302
    assert f'value="{rotation.ref}" selected' in world.client("mei").get("/routing").content.decode()
    world.client("zhao").post("/green", {"sentence": "all down"})
    page = Page.objects.get()
    assert [step["name"] for step in page.policy_snapshot["steps"]] == ["Starlight", "Primary", "Backup"]
    assert {notice.user.name for notice in page.notices.all()} == {"Mei"}
    other = duty.page(customer_id=world.social.pk)
    assert {notice.user.name for notice in other.notices.all()} == {"Lin"}, "the others' pages begin as before"
    world.client("mei").post(path, told | {"rotation": ""})
    assert duty.page(subject_ref="inc-2").policy_snapshot["steps"][0]["name"] == "Primary"


def test_one_that_the_policy_has_already_is_only_moved_to_the_front(world: World, duty: Duty) -> None:
    actions.set_customer_rotation(customer=world.show, rotation=duty.backup, actor=world.ada, now=MONDAY)
    page = duty.page()
    assert [step["name"] for step in page.policy_snapshot["steps"]] == ["Backup", "Primary"]
    duty.backup.members.all().delete()
    empty = duty.page(subject_ref="inc-2")
    assert {notice.user.name for notice in empty.notices.all()} == {"Lin"}, "nobody on it: passed at once"
