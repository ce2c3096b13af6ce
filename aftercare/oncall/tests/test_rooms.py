"""A step can speak in a room or to a program: once, signed, and nobody is waited for."""

from datetime import timedelta

import pytest

from aftercare.kernel.errors import Refused
from aftercare.notify import engine as sender
from aftercare.notify.models import Account, Delivery
from aftercare.notify.tests.receiver import Receiver
from aftercare.oncall import actions, engine, queries
from aftercare.oncall.models import EscalationPolicy, Page, PagePost, Room
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tests.test_engine import told

MINUTE = timedelta(minutes=1)


def chat(duty: Duty, **more: object) -> Room:
    account = Account.objects.create(channel="feishu", name="Ours", created_at=duty.now, **more)
    room, secret = actions.add_room(
        name="Operations", account=account, address="oc_1", language="en", actor=duty.world.ada, now=duty.now
    )
    assert secret == ""
    return room


def hook(duty: Duty, url: str) -> tuple[Room, str]:
    return actions.add_room(name="Bridge", account=None, address=url, actor=duty.world.ada, now=duty.now)


def test_it_works(duty: Duty, receiver: Receiver) -> None:
    room, secret = hook(duty, receiver.url)
    steps = [(duty.primary, 300), (room, 300), (duty.backup, 300)]
    actions.save_policy(steps=steps, repeat=1, actor=None, now=duty.now)
    page = duty.page()
    assert told(page) == ["Lin"] and not page.posts.exists()
    engine.process_due(duty.now + 5 * MINUTE)
    assert told(page) == ["Lin", "Ada"], "nobody waits for a program"
    sender.process_due(duty.now + 5 * MINUTE)
    message = receiver.take()
    message.verify(secret)
    assert message.body["type"] == "page" and message.body["data"]["details"]["page"] == page.ref
    assert "acknowledge_url" not in message.body["data"]["details"], "a program is no person"
    for n in (10, 15, 20, 25):
        engine.process_due(duty.now + n * MINUTE)
        sender.process_due(duty.now + n * MINUTE)
    assert not receiver.inbox and page.posts.count() == 1, "once, however often it is repeated"
    shown = duty.world.client("eng").get(f"/pages/{page.ref}").content.decode()
    assert "Where it was said" in shown and "Bridge" in shown


def test_a_chat_hears_it_by_the_account_that_speaks_there(duty: Duty) -> None:
    room = chat(duty)
    actions.save_policy(steps=[(room, 0), (duty.primary, 300)], actor=None, now=duty.now)
    page = duty.page()
    post = PagePost.objects.get()
    assert told(page) == ["Lin"], "a room in front holds nobody up"
    delivery = post.delivery
    assert delivery is not None and delivery.account == room.account
    assert (delivery.channel, delivery.address, delivery.user, delivery.urgency) == ("feishu", "oc_1", None, "urgent")
    actions.acknowledge_page(page=page, user=duty.world.eng, via="console", now=duty.now)
    assert Delivery.objects.get(pk=delivery.pk).state == "dropped", "not told any more that nobody has it"


def test_a_room_that_heard_of_it_hears_who_has_it_and_that_it_is_over(duty: Duty, receiver: Receiver) -> None:
    room, secret = hook(duty, receiver.url)
    actions.save_policy(steps=[(room, 0), (duty.primary, 300)], actor=None, now=duty.now)
    page = duty.page()
    sender.process_due(duty.now)
    assert receiver.take().body["type"] == "page"
    actions.acknowledge_page(page=page, user=duty.world.eng, via="console", now=duty.now)
    actions.close_page(subject_ref=page.subject_ref, now=duty.now)
    sender.process_due(duty.now)
    messages = sorted((receiver.take() for _n in range(2)), key=lambda one: str(one.body["type"]))
    for message in messages:
        message.verify(secret)
    assert [one.body["type"] for one in messages] == ["page.acknowledged", "page.closed"]
    assert messages[0].body["data"]["title"].startswith("Lin has it")


def test_one_that_never_heard_of_it_hears_nothing_of_its_end(duty: Duty) -> None:
    actions.save_policy(steps=[(chat(duty), 0), (duty.primary, 300)], actor=None, now=duty.now)
    page = duty.page()
    actions.acknowledge_page(page=page, user=duty.world.eng, via="console", now=duty.now)
    assert not Delivery.objects.filter(channel="feishu").exclude(state="dropped").exists()


def test_a_page_that_becomes_red_is_said_again(duty: Duty) -> None:
    actions.save_policy(steps=[(chat(duty), 0), (duty.primary, 300)], actor=None, now=duty.now)
    page = duty.page(severity="warning")
    duty.page(severity="red")
    assert list(page.posts.values_list("severity", flat=True)) == ["warning", "red"]


def test_rooms_alone_wake_nobody_and_the_managers_are_told_at_once(duty: Duty) -> None:
    actions.save_policy(steps=[(chat(duty), 0)], repeat=None, actor=None, now=duty.now)
    page = duty.page()
    assert told(page) == ["Ada", "Mei"]
    assert Page.objects.get(pk=page.pk).next_step_at == duty.now + 5 * MINUTE
    found = queries.coverage(duty.now)
    assert [one.wakes_nobody for one in found.policies] == [True]
    assert found.unheard == [(found.start, found.end)] and not found.is_whole
    shown = duty.world.client("agent").get("/oncall/coverage").content.decode()
    assert "All its steps are rooms and webhooks" in shown


def test_saving_such_a_policy_says_so(duty: Duty) -> None:
    form = {"name": "Chatter", "forever": "on", "target_0": f"room:{chat(duty).ref}", "minutes_0": "5"}
    shown = duty.world.client("ada").post("/oncall/policies/new", form, follow=True).content.decode()
    assert "“Chatter” wakes nobody" in shown
    assert EscalationPolicy.objects.get(name="Chatter").repeat is None


def test_a_room_that_is_gone_or_switched_off_is_passed_in_silence(duty: Duty) -> None:
    room = chat(duty)
    actions.save_policy(steps=[(room, 0), (duty.primary, 300)], actor=None, now=duty.now)
    Account.objects.update(enabled=False)
    assert told(duty.page()) == ["Lin"] and not PagePost.objects.exists()
    assert queries.coverage(duty.now).empty_steps == ["Operations"]
    with pytest.raises(Refused, match="take the step away first"):
        actions.remove_room(room=room, actor=duty.world.ada, now=duty.now)
    actions.save_policy(steps=[(duty.primary, 300)], actor=None, now=duty.now)
    actions.remove_room(room=room, actor=duty.world.ada, now=duty.now)


def test_a_failing_room_hurries_nobody(duty: Duty, receiver: Receiver) -> None:
    room, _secret = hook(duty, receiver.url)
    receiver.answer = lambda received: (404, {})
    actions.save_policy(steps=[(room, 0), (duty.primary, 300), (duty.backup, 300)], actor=None, now=duty.now)
    page = duty.page()
    sender.process_due(duty.now)
    receiver.take()
    assert engine.process_due(duty.now + MINUTE) == 0 and told(page) == ["Lin"]


@pytest.mark.parametrize("address", ["ftp://example.com", "nothing", "https://user:secret@example.com/"])
def test_it_rejects_an_address_that_no_webhook_may_have(duty: Duty, address: str) -> None:
    client = duty.world.client("ada")
    answer = client.post("/oncall/rooms", {"name": "Bridge", "address": address, "language": "en"})
    assert answer.status_code == 400 and not Room.objects.exists()


def test_the_page_of_rooms(duty: Duty) -> None:
    client = duty.world.client("ada")
    assert "No room yet" in client.get("/oncall/rooms").content.decode()
    form = {"name": "<script>Bridge", "address": "https://hooks.example.com/x", "language": "en"}
    shown = client.post("/oncall/rooms", form).content.decode()
    assert "whsec_" in shown and "<script>Bridge" not in shown
    assert "whsec_" not in client.get("/oncall/rooms").content.decode(), "shown once"
    room = Room.objects.get()
    assert client.post(f"/oncall/rooms/{room.ref}/trial").status_code == 302
    assert Delivery.objects.get(kind="room.test").account == room.account
    assert client.post(f"/oncall/rooms/{room.ref}/removal").status_code == 302
    room.account.refresh_from_db()
    assert not Room.objects.exists() and not room.account.enabled and room.account.secrets == ""
    for name, status in (("eng", 403), ("zhao", 404), ("stranger", 404)):
        assert duty.world.client(name).get("/oncall/rooms").status_code == status


def test_an_account_that_speaks_in_no_groups_is_refused(duty: Duty) -> None:
    mail = Account.objects.create(channel="email", name="Mail", created_at=duty.now)
    with pytest.raises(Refused, match="speaks in no groups"):
        actions.add_room(name="X", account=mail, address="a@b.example", actor=duty.world.ada, now=duty.now)
