"""An update is said in the service groups of whom the incident touches, each in the group's language, once; a question
that waits there is not answered by it, and no group of anybody else hears of it.
"""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.clocks.models import Clock
from aftercare.desk import actions as desk
from aftercare.desk.actions.group_tickets import open_from_message
from aftercare.desk.models import GROUP_REPLY, Contact, Group, Message
from aftercare.incidents import engine
from aftercare.incidents.models import Incident
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Account, Channel, Delivery
from tests.world import World

TEXT, TEXT_ZH = "An edge in Shanghai drops packets.", "上海一个边缘节点丢包。"


@pytest.fixture
def groups(world: World) -> dict[str, Group]:
    """Two groups of Starlight, one in each language, and one of somebody else."""
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu", created_at=world.now)
    whose = {"zh-hans": world.show, "en": world.show, "other": world.social}
    return {
        name: Group.objects.create(
            customer=customer,
            account=account,
            chat_id=f"oc_{name}",
            name=f"Group {name}",
            language="en" if name == "other" else name,
            created_at=world.now,
            updated_at=world.now,
        )
        for name, customer in whose.items()
    }


def told(world: World) -> Incident:
    """An incident of Starlight, and an update of it that the engine has said."""
    if not Incident.objects.exists():
        open_alert(world, at=world.now)
    incident = Incident.objects.get()
    facts: dict[str, Any] = {"stage": "identified", "body": TEXT, "body_zh": TEXT_ZH}
    promise = timedelta(minutes=30)
    post_update(incident=incident, author=world.eng, next_within=promise, token="a" * 32, now=world.now, **facts)
    for _again in range(2):
        engine.process_due(world.now)
    return incident


def said_in(group: Group) -> list[str]:
    """What went out to the group's chat."""
    return list(Delivery.objects.filter(address=group.chat_id).order_by("pk").values_list("body", flat=True))


def test_each_in_its_language_and_nobody_elses(world: World, groups: dict[str, Group]) -> None:
    told(world)
    assert {name: said_in(group) for name, group in groups.items()} == {"zh-hans": [TEXT_ZH], "en": [TEXT], "other": []}


def test_one_that_is_not_in_use_or_does_not_want_it_hears_nothing(world: World, groups: dict[str, Group]) -> None:
    Group.objects.filter(pk=groups["en"].pk).update(hears_incidents=False)
    Group.objects.filter(pk=groups["zh-hans"].pk).update(enabled=False)
    told(world)
    assert not Delivery.objects.filter(address__startswith="oc_").exists()


def test_a_question_that_waits_there_still_waits(world: World, groups: dict[str, Group]) -> None:
    asker = Contact.objects.create(customer=world.show, name="Zhang", created_at=world.now)
    desk.post_in_group(group=groups["en"], speaker=asker, side="customer", body="Is my key valid?", now=world.now)
    told(world)
    assert Group.objects.get(pk=groups["en"].pk).waiting_since == world.now
    assert Clock.objects.get(kind=GROUP_REPLY, subject_ref=groups["en"].ref).state == "running"


def test_where_it_was_asked_the_tickets_answer_is_all(world: World, groups: dict[str, Group]) -> None:
    asker = Contact.objects.create(customer=world.show, name="Zhang", created_at=world.now)
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    question = desk.post_in_group(group=groups["en"], speaker=asker, side="customer", body="Users stall", now=world.now)
    ticket = open_from_message(group=groups["en"], message=question, actor=world.eng, severity="P2", now=world.now)
    ticket.incident_ref = incident.ref
    ticket.save(update_fields=["incident_ref"])
    told(world)
    assert said_in(groups["en"]).count(TEXT) == 1
    assert Message.objects.filter(body=TEXT, ticket=ticket).count() == 1


def test_the_preview_names_every_place(world: World, groups: dict[str, Group]) -> None:
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    facts = {"stage": "identified", "body": TEXT, "body_zh": TEXT_ZH, "next_within": "30", "token": "a" * 32}
    facts["action"] = "look"
    page = world.client("eng").post(f"/incidents/{incident.ref}/updates", facts).content.decode()
    assert "Group zh-hans" in page and "Group en" in page and "Group other" not in page
