"""What is written is found in the end: however late it commits, wherever the engine dies."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from aftercare.desk.actions import open_ticket, reply
from aftercare.desk.engine import searching
from aftercare.desk.models import Document, Message, Ticket, Unindexed
from aftercare.desk.search.finding import find
from tests.world import World, make_world


def opened(world: World) -> Ticket:
    return open_ticket(
        customer_id=world.show.pk, app_id=None, title="t", severity="P4", body="x", opened_by=world.zhao, now=world.now
    )


@pytest.mark.django_db(transaction=True)
def test_words_that_commit_late_are_found() -> None:
    world = make_world()
    ticket = opened(world)
    said, may_commit = threading.Event(), threading.Event()

    def speak() -> None:
        with transaction.atomic():
            reply(ticket=ticket, author=world.zhao, body="迟到的消息", now=world.now)
            said.set()
            assert may_commit.wait(20)
        connection.close()

    speaker = threading.Thread(target=speak)
    speaker.start()
    assert said.wait(20)
    searching.index_changed(world.now)
    assert find(world.agent, "迟到").total == 0
    may_commit.set()
    speaker.join()
    searching.index_changed(world.now + timedelta(seconds=searching.REST_S + 1))
    assert find(world.agent, "迟到的消息").total == 1
    assert not Unindexed.objects.exists()


def test_an_engine_that_dies_in_the_middle_has_done_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(world)

    def die(*_about: object) -> None:
        raise KeyboardInterrupt

    waiting = Unindexed.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(searching, "index_contacts", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            searching.index_changed(world.now)
    assert Unindexed.objects.count() == waiting
    assert not Document.objects.exists()
    searching.index_changed(world.now)
    assert find(world.agent, "x").total == 1


def test_rows_written_past_all_actions_are_found(world: World) -> None:
    ticket = opened(world)
    Message.objects.bulk_create([Message(ticket=ticket, side="customer", body="绕过动作写入", created_at=world.now)])
    searching.index_changed(world.now)
    assert find(world.agent, "绕过动作写入").total == 1
    Message.objects.filter(body="绕过动作写入").update(body="改过")
    searching.index_changed(world.now + timedelta(minutes=1))
    assert [find(world.agent, words).total for words in ("绕过动作", "改过")] == [0, 1]
