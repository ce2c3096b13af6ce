"""A chat that nobody has placed: its words wait, within bounds, and come in once it is somebody's."""

import pytest
from django.utils import timezone

from aftercare.audit.models import Entry
from aftercare.desk import unplaced
from aftercare.desk.actions import adopt_chat, dismiss_chat, save_group
from aftercare.desk.engine import process_due
from aftercare.desk.models import Group, Inbound, InboundState, Message, UnknownChat
from aftercare.kernel.errors import Refused
from tests.vendors_of_chat.scene import Scene

ELSEWHERE = -1009


def words_elsewhere(telegram: Scene, *numbers: int, chat: int = ELSEWHERE) -> None:
    for number in numbers:
        telegram.double.says(
            telegram.client,
            telegram.account,
            f"words {number}",
            number=number,
            chat=chat,
            update_id=chat * 1000 + number,
        )
    process_due(timezone.now())


def test_its_words_come_in_when_it_is_adopted(telegram: Scene) -> None:
    words_elsewhere(telegram, 1, 2)
    chat = UnknownChat.objects.get()
    assert (chat.chat_id, chat.name, chat.messages) == (str(ELSEWHERE), "Starlight service", 2)
    assert not Message.objects.exists()
    world = telegram.world
    group = adopt_chat(chat=chat, customer=world.social, expert=world.eng, actor=world.mei, now=timezone.now())
    process_due(timezone.now())
    assert [m.body for m in group.messages.order_by("pk")] == ["words 1", "words 2"]
    assert not UnknownChat.objects.exists()
    words_elsewhere(telegram, 3)
    assert group.messages.count() == 3


def test_a_group_made_by_hand_places_it_too(telegram: Scene) -> None:
    words_elsewhere(telegram, 1)
    world = telegram.world
    group = Group(customer=world.show, account=telegram.account, chat_id=str(ELSEWHERE), name="By hand")
    save_group(group=group, actor=world.mei, now=timezone.now())
    process_due(timezone.now())
    assert group.messages.get().body == "words 1"
    with pytest.raises(Refused):
        chat = UnknownChat(account=telegram.account, chat_id=str(ELSEWHERE))
        adopt_chat(chat=chat, customer=world.show, actor=world.mei, now=timezone.now())


def test_a_row_parked_while_its_group_is_made_is_read_again(telegram: Scene) -> None:
    words_elsewhere(telegram, 1)
    row = Inbound.objects.get()
    row.state = InboundState.PENDING
    Group.objects.filter(pk=telegram.other.pk).update(chat_id=str(ELSEWHERE))
    unplaced.park(row, unplaced.NoGroup(str(ELSEWHERE)), timezone.now())
    assert row.state == InboundState.PENDING


def test_nobody_can_make_us_keep_without_end(telegram: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unplaced, "MESSAGES_AT_MOST", 2)
    monkeypatch.setattr(unplaced, "CHATS_AT_MOST", 1)
    words_elsewhere(telegram, 1, 2, 3)
    words_elsewhere(telegram, 1, chat=-5)
    states = [row.state for row in Inbound.objects.order_by("pk")]
    assert states == ["parked", "parked", "refused", "refused"]
    assert "Place it" in Inbound.objects.order_by("pk")[2].last_error


def test_a_dismissed_chat_is_forgotten_and_on_record(telegram: Scene) -> None:
    words_elsewhere(telegram, 1)
    dismiss_chat(chat=UnknownChat.objects.get(), actor=telegram.world.mei, now=timezone.now())
    assert Inbound.objects.get().state == InboundState.IGNORED
    assert Entry.objects.filter(action="group.dismiss").exists()


def test_customers_never_see_such_chats(telegram: Scene) -> None:
    words_elsewhere(telegram, 1)
    zhao = telegram.world.client("zhao")
    assert "Chats to place" not in zhao.get("/groups").content.decode()
    assert zhao.get("/groups/unplaced").status_code == 404
    path = f"/groups/unplaced/{UnknownChat.objects.get().ref}"
    for deed in ("group", "dismissal"):
        assert zhao.post(f"{path}/{deed}").status_code == 404
        assert telegram.world.client("agent").post(f"{path}/{deed}").status_code == 403
    assert UnknownChat.objects.count() == 1


def test_it_is_placed_on_its_page(telegram: Scene) -> None:
    world, mei = telegram.world, telegram.world.client("mei")
    assert "Chats to place (0)" in mei.get("/groups").content.decode()
    assert "Every chat is placed" in mei.get("/groups/unplaced").content.decode()
    words_elsewhere(telegram, 1)
    chat = UnknownChat.objects.get()
    assert "Chats to place (1)" in mei.get("/groups").content.decode()
    page = mei.get("/groups/unplaced").content.decode()
    assert str(ELSEWHERE) in page and "Make it their group" in page
    assert "Make it their group" not in world.client("agent").get("/groups/unplaced").content.decode()
    wrong = mei.post(f"/groups/unplaced/{chat.ref}/group", {"name": "Social"})
    assert wrong.status_code == 400 and "required" in wrong.content.decode()
    form = {"customer": world.social.ref, "name": "Social", "expert": world.eng.ref}
    answer = mei.post(f"/groups/unplaced/{chat.ref}/group", form)
    group = Group.objects.get(name="Social")
    assert answer["Location"] == f"/groups/{group.ref}/settings"
    process_due(timezone.now())
    assert (group.customer, group.expert, group.messages.get().body) == (world.social, world.eng, "words 1")
    assert Entry.objects.filter(action="group.add", actor_id=world.mei.pk).exists()
    assert mei.post(f"/groups/unplaced/{chat.ref}/group", form).status_code == 404


def test_it_is_dismissed_on_its_page(telegram: Scene) -> None:
    words_elsewhere(telegram, 1)
    chat = UnknownChat.objects.get()
    answer = telegram.world.client("mei").post(f"/groups/unplaced/{chat.ref}/dismissal", follow=True)
    assert "Take the bot out" in answer.content.decode()
    assert not UnknownChat.objects.exists()
    assert Entry.objects.filter(action="group.dismiss", actor_id=telegram.world.mei.pk).exists()


def test_a_chat_with_a_new_id_stays_the_same_group(telegram: Scene) -> None:
    telegram.double.says(telegram.client, telegram.account, "", number=3, fields={"migrate_to_chat_id": -1007})
    words_elsewhere(telegram, 4, chat=-1007)
    assert telegram.group.messages.get().body == "words 4"
