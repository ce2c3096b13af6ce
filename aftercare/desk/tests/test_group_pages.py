"""The pages of service groups: who waits comes first, a click makes a ticket, strangers find nothing."""

from datetime import timedelta

import pytest

from aftercare.clocks.models import Calendar
from aftercare.desk.models import Contact, Group, Message, Ticket
from aftercare.desk.tests.group_scene import exchange, make_group, say
from aftercare.notify.models import Account, Channel, Delivery
from tests.world import World


def test_the_list_leads_with_who_waits(world: World, group: Group, wang: Contact) -> None:
    calm = Group.objects.create(
        customer=world.social, account=group.account, chat_id="oc_2", name="A calm one",
        created_at=world.now, updated_at=world.now,
    )  # fmt: skip
    say(group, wang, "推流断了", world.now - timedelta(seconds=100), "om_1")
    page = world.client("agent").get("/groups").content.decode()
    assert page.index(group.ref) < page.index(calm.ref)
    assert 'data-clock="down"' in page and "no data" in page  # what nobody asked is unknown, not 0
    narrowed = world.client("agent").get(f"/groups?customer={world.social.ref}&days=7").content.decode()
    assert calm.ref in narrowed and group.ref not in narrowed


def test_figures_of_the_group_and_of_who_answered(world: World, group: Group, wang: Contact) -> None:
    for minutes, seconds, by in ((400, 60, world.eng), (300, 120, world.eng), (200, 400, world.agent)):
        exchange(world, group, wang, seconds, ago=timedelta(minutes=minutes), by=by)
    exchange(world, group, wang, 10, ago=timedelta(days=45), by=world.eng)
    page = world.client("mei").get(f"/groups/{group.ref}").content.decode()
    assert "3 of 3; 1 late, 0 waiting" in page
    assert "2 min" in page and "66.7" in page
    wider = world.client("mei").get(f"/groups/{group.ref}?days=90").content.decode()
    assert "4 of 4; 1 late, 0 waiting" in wider
    people = world.client("mei").get("/groups").content.decode()
    assert people.index(">Lin<") < people.index(">Wang<")  # the busiest first


def test_the_clock_explains_itself(world: World, wang: Contact, group: Group) -> None:
    week = [[[9 * 3600, 18 * 3600]]] * 7
    group.calendar = Calendar.objects.create(name="Office", week=week, created_at=world.now)
    group.save()
    say(group, wang, "?", world.now, "om_1")
    page = world.client("agent").get(f"/groups/{group.ref}").content.decode()
    assert "Why this time?" in page and "Asia/Shanghai" in page


def test_words_go_out_and_the_composer_says_what_the_channel_can(world: World, group: Group, wang: Contact) -> None:
    agent = world.client("agent")
    page = agent.get(f"/groups/{group.ref}").content.decode()
    assert "the app&#x27;s bot says it in the group" in page
    assert agent.post(f"/groups/{group.ref}/messages", {"body": "看到了"}).status_code == 302
    assert Delivery.objects.get(channel=Channel.FEISHU).body == "看到了"
    assert agent.post(f"/groups/{group.ref}/messages", {"body": " "}).status_code == 409
    Account.objects.update(quiet=True)
    assert "is importing" in agent.get(f"/groups/{group.ref}").content.decode()


def test_a_click_makes_one_ticket_of_a_question(world: World, group: Group, wang: Contact) -> None:
    question = say(group, wang, "推流断了\n房间 42", world.now, "om_1")
    agent, path = world.client("agent"), f"/groups/{group.ref}/messages/{question.ref}/ticket"
    first, second = agent.post(path), agent.post(path)
    ticket = Ticket.objects.get()
    assert first["Location"] == second["Location"] == f"/tickets/{ticket.ref}"
    assert (ticket.title, ticket.way, ticket.group, ticket.contact) == ("推流断了", "group", group, wang)
    assert Message.objects.get(ref=question.ref).ticket == ticket
    page = agent.get(f"/groups/{group.ref}").content.decode()
    assert f"/tickets/{ticket.ref}" in page and path not in page


def test_words_of_another_group_make_no_ticket_here(world: World, group: Group, wang: Contact) -> None:
    other = Group.objects.create(
        customer=world.social, account=group.account, chat_id="oc_2", name="B",
        created_at=world.now, updated_at=world.now,
    )  # fmt: skip
    question = say(group, wang, "x", world.now, "om_1")
    answer = world.client("agent").post(f"/groups/{other.ref}/messages/{question.ref}/ticket")
    assert (answer.status_code, Ticket.objects.count()) == (404, 0)


def test_customers_read_their_own_and_strangers_find_nothing(world: World, group: Group, wang: Contact) -> None:
    question = say(group, wang, "推流断了", world.now, "om_1")
    path = f"/groups/{group.ref}"
    page = world.client("viewer").get(path).content.decode()
    assert "推流断了" in page and "Wang Fang" in page and "First replies" in page
    assert "<textarea" not in page and f"{path}/settings" not in page
    for name, status in (("zhao", 404), ("viewer", 403), ("stranger", 404)):
        client = world.client(name)
        assert client.post(f"{path}/messages", {"body": "x"}).status_code == status
        assert client.post(f"{path}/messages/{question.ref}/ticket").status_code == status
    stranger = world.client("stranger")
    for part in ("", "/thread", "/settings"):
        assert stranger.get(path + part).status_code == 404
    assert group.ref not in stranger.get("/groups").content.decode()
    assert world.client("agent").get(f"{path}/settings").status_code == 403


def test_a_script_in_a_message_is_text(world: World, group: Group, wang: Contact) -> None:
    say(group, wang, "<script>alert(1)</script>", world.now, "om_1")
    assert b"<script>alert" not in world.client("agent").get(f"/groups/{group.ref}").content


def test_a_long_thread_is_read_in_parts(world: World, group: Group, wang: Contact) -> None:
    for n in range(70):
        say(group, wang, f"line {n:02}", world.now - timedelta(seconds=700 - n), f"om_{n}")
    client = world.client("agent")
    page = client.get(f"/groups/{group.ref}").content.decode()
    assert "line 69" in page and "line 05" not in page
    earlier = page.split("?before=")[1].split('"')[0]
    assert "line 05" in client.get(f"/groups/{group.ref}?before={earlier}").content.decode()
    assert client.get(f"/groups/{group.ref}?before=%00'").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"minutes": "0"}, {"name": ""}, {"expert": "zzz"}, {"calendar": "zzz"}, {"chat_id": "oc_1"}]
)
def test_the_form_rejects(world: World, group: Group, wrong: dict[str, str]) -> None:
    sent = {
        "customer": world.social.ref, "account": group.account.ref, "chat_id": "oc_9", "name": "New", "language": "en",
        "minutes": "10", "enabled": "on",
    }  # fmt: skip
    client = world.client("mei")
    assert client.post("/groups/new", sent | wrong).status_code == 400
    assert Group.objects.count() == 1


def test_a_group_is_made_and_changed_but_never_given_to_another_customer(world: World) -> None:
    group = make_group(world)
    client = world.client("mei")
    sent = {"customer": world.social.ref, "chat_id": "x", "name": "Renamed", "language": "en", "minutes": "2.5",
            "expert": world.agent.ref, "enabled": "on"}  # fmt: skip
    assert client.post(f"/groups/{group.ref}/settings", sent).status_code == 302
    group.refresh_from_db()
    assert (group.customer, group.chat_id) == (world.show, "oc_1")
    assert (group.name, group.reply_target_s, group.expert) == ("Renamed", 150, world.agent)
    new = sent | {"account": group.account.ref, "chat_id": "oc_7", "deputy": world.zhao.ref}
    assert client.post("/groups/new", new).status_code == 400  # a customer's person answers for no group
    assert client.post("/groups/new", {k: v for k, v in new.items() if k != "deputy"}).status_code == 302
    assert Group.objects.get(chat_id="oc_7").customer == world.social
