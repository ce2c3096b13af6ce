"""A group that nobody answers reminds the expert, then the deputy, then the manager, and stops when it is answered."""

from datetime import timedelta

from aftercare.audit.models import Entry
from aftercare.clocks import engine
from aftercare.clocks.models import Clock
from aftercare.desk.models import Contact, Group
from aftercare.desk.reminders import REMINDER
from aftercare.desk.tests.group_scene import say
from aftercare.notify import actions as notify
from aftercare.notify.models import Delivery, State
from tests.world import World


def after(world: World, seconds: float) -> list[str]:
    """Who has been reminded by then, in order."""
    engine.process_due(world.now + timedelta(seconds=seconds))
    return list(Delivery.objects.filter(kind=REMINDER).order_by("pk").values_list("user__name", flat=True))


def test_the_expert_then_the_deputy_then_the_manager(world: World, group: Group, wang: Contact) -> None:
    group.deputy, group.manager = world.agent, world.mei
    group.save()
    say(group, wang, "推流断了", world.now, "om_1")
    assert after(world, 149) == []
    assert after(world, 150) == ["Lin"]
    assert after(world, 299) == ["Lin"]
    assert after(world, 300) == ["Lin", "Wang"]
    assert after(world, 600) == ["Lin", "Wang", "Mei"]
    assert after(world, 6000) == ["Lin", "Wang", "Mei"]
    assert Clock.objects.get().breached_at == world.now + timedelta(seconds=300)
    kept = Entry.objects.filter(subject=group.ref).values_list("action", flat=True)
    assert sorted(kept) == ["group.message", "group.overdue", *["group.remind"] * 3]


def test_it_goes_by_every_way_to_reach_the_person_urgently_and_in_their_language(
    world: World, group: Group, wang: Contact
) -> None:
    world.eng.language = "zh-hans"
    world.eng.save()
    notify.add_contact(user=world.eng, channel="email", address=world.eng.email, now=world.now)
    say(group, wang, "推流断了", world.now, "om_1")
    after(world, 150)
    told = Delivery.objects.filter(kind=REMINDER)
    assert {d.channel for d in told} == {"push", "email"} and {d.urgency for d in told} == {"urgent"}
    assert told[0].title == "星光秀场 在“Starlight service”等待回复" and "推流断了" in told[0].body
    assert told[0].url_path == f"/groups/{group.ref}"


def test_a_hole_goes_to_the_next(world: World, group: Group, wang: Contact) -> None:
    group.expert = group.deputy = None
    group.manager = world.mei
    group.save()
    say(group, wang, "?", world.now, "om_1")
    assert after(world, 150) == ["Mei"]


def test_who_has_left_is_a_hole(world: World, group: Group, wang: Contact) -> None:
    group.deputy = world.agent
    group.save()
    world.eng.is_active = False
    world.eng.save()
    say(group, wang, "?", world.now, "om_1")
    assert after(world, 150) == ["Wang"]


def test_a_group_without_names_is_never_silent(world: World, group: Group, wang: Contact) -> None:
    group.expert = None
    group.save()
    say(group, wang, "?", world.now, "om_1")
    assert sorted(after(world, 150)) == ["Ada", "Mei"]


def test_an_answer_ends_it_and_takes_back_what_still_waits_to_go_out(world: World, group: Group, wang: Contact) -> None:
    say(group, wang, "?", world.now, "om_1")
    after(world, 150)
    say(group, world.agent, "看到了", world.now + timedelta(seconds=200))
    assert Delivery.objects.get(kind=REMINDER).state == State.DROPPED
    assert after(world, 6000) == ["Lin"]
    assert Clock.objects.get().breached_at is None


def test_each_person_reads_when_in_their_own_zone(world: World, group: Group, wang: Contact) -> None:
    world.eng.timezone = "UTC"
    world.eng.save()
    say(group, wang, "?", world.now, "om_1")
    after(world, 150)
    body = Delivery.objects.get(kind=REMINDER).body
    assert f"{world.now:%H:%M:%S}" in body and f"{world.now + timedelta(seconds=300):%H:%M:%S}" in body


def test_words_that_are_owed_no_answer_end_it_and_the_next_begin_anew(
    world: World, group: Group, wang: Contact
) -> None:
    say(group, wang, "谢谢", world.now, "om_1")
    after(world, 150)
    agent = world.client("agent")
    assert "No answer needed" in agent.get(f"/groups/{group.ref}").content.decode()
    for name, status in (("zhao", 404), ("viewer", 403), ("stranger", 404), ("agent", 302), ("agent", 302)):
        assert world.client(name).post(f"/groups/{group.ref}/waiver").status_code == status
    assert after(world, 6000) == ["Lin"] and Delivery.objects.get(kind=REMINDER).state == State.DROPPED
    page = agent.get(f"/groups/{group.ref}").content.decode()
    assert "0 of 0; 0 late, 0 waiting" in page
    say(group, wang, "还有个问题", world.now + timedelta(seconds=7000), "om_2")
    assert after(world, 7150) == ["Lin", "Lin"]


def test_what_was_late_stays_late_though_no_answer_was_owed(world: World, group: Group, wang: Contact) -> None:
    say(group, wang, "?", world.now - timedelta(seconds=400), "om_1")
    after(world, 0)
    world.client("agent").post(f"/groups/{group.ref}/waiver")
    assert "0 of 1; 1 late, 0 waiting" in world.client("agent").get(f"/groups/{group.ref}").content.decode()


def test_a_group_that_is_taken_out_of_use_reminds_nobody(world: World, group: Group, wang: Contact) -> None:
    say(group, wang, "?", world.now, "om_1")
    changed = {"name": "x", "language": "en", "minutes": "5"}
    world.client("mei").post(f"/groups/{group.ref}/settings", changed)
    assert after(world, 6000) == []
