"""Search over everything the reader may read, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.actions import claim_ticket, contact_of, open_ticket, post_in_group, reply
from aftercare.desk.engine.searching import index_changed
from aftercare.desk.models import Attachment, Document, Group, Kind, Tag, Ticket, Unindexed
from aftercare.desk.search.finding import find
from aftercare.notify.models import Account, Channel
from tests.world import World


@pytest.fixture
def found(world: World, ticket: Ticket) -> Any:
    """Counts of tickets by question, as `name`, after everything was indexed."""

    def count(question: str, name: str = "agent", kind: Kind = Kind.TICKET) -> int:
        index_changed(world.now + timedelta(minutes=1))
        hits = find(world.people[name], question, kind=kind)
        assert len(hits.documents) == min(hits.total, 20)
        return hits.total

    return count


@pytest.fixture
def group(world: World) -> Group:
    """Starlight's Feishu group."""
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu app", created_at=world.now)
    told = {"account": account, "chat_id": "oc_1", "name": "Starlight service"}
    return Group.objects.create(customer=world.show, created_at=world.now, updated_at=world.now, **told)


def opened(world: World, title: str, body: str, **more: Any) -> Ticket:
    """One more ticket of Whisper's."""
    told = {"customer_id": world.social.pk, "app_id": None, "severity": "P3", "opened_by": world.stranger}
    return open_ticket(title=title, body=body, now=world.now, **(told | more))


def test_it_works(world: World, ticket: Ticket, found: Any) -> None:
    reply(ticket=ticket, author=world.zhao, body="主播在杭州，画面黑屏，房间号 Room_8842-ab", now=world.now)
    for question in (
        "黑屏",
        "黑",
        "画面黑",
        "画面黑屏",
        "画面黑屏 杭州",
        "room_8842",
        "8842",
        "ＲＯＯＭ_8842",
        "stall rat",
        "卡顿率",
    ):
        assert found(question) == 1, question
    for question in ("黑画", "屏幕", "oom_8842", "画面黑屏 广州", "8843", "率卡"):
        assert found(question) == 0, question
    page = world.client("agent").get("/tickets/search?q=黑屏+8842").content.decode()
    assert "<mark>黑屏</mark>" in page
    assert f"/tickets/{ticket.ref}?whole=1#message-" in page
    assert "1–1 of 1" in page


def test_long_phrases_are_exact(world: World, ticket: Ticket, found: Any) -> None:
    opened(world, "a", "推流失败后重新推流，流失败后重新推，推流失败后重")
    reply(ticket=ticket, author=world.zhao, body="推流失败后重新推流成功", now=world.now)
    assert found("失败后重新推流成") == 1
    assert found("推流失败后重新推流") == 2
    assert found("败后重新推，推流") == 2  # two words, anywhere
    assert found('"败后重新推，推流"') == 1
    assert found('"失败后重新推流，流"') == 1
    assert found("a -推流失败后重新推流成功") == 1
    assert found('"saw this before"') == 1
    assert found('"before this saw"') == 0
    assert found("before saw this") == 1


def test_filters(world: World, ticket: Ticket, found: Any) -> None:
    other = opened(world, "No sound", "since noon", severity="P1", way="email")
    claim_ticket(ticket=other, user=world.agent, now=world.now)
    tag = Tag.objects.create(name="Refund")
    other.tags.add(tag)
    for question in (
        "customer:whisper", "customer:耳语", "assignee:me", "assignee:wang", "severity:p1", "way:email", "tag:refund",
        "noon -customer:starlight", "sound status:open", "客户：耳语 级别：P1", 'customer:"whisper 1-1"',
        "-assignee:none",
    ):  # fmt: skip
        assert found(question) == 1, question
    assert found("status:open") == 2
    assert found("before:2020-01-01") == 0
    assert found("after:2020-01-01") == 2
    assert found("customer:nobody") == 0
    assert found("severity:P9 noon") == 1
    for question in ("severity:P9", "before:soon", "-noon", "has:nothing", "customer:nobody"):
        assert "notice-warning" in world.client("agent").get("/tickets/search", {"q": question}).content.decode()


def test_file_names(world: World, ticket: Ticket, found: Any) -> None:
    def file(name: str) -> Attachment:
        return Attachment.objects.create(name=name, media_type="text/plain", size=1, created_at=world.now)

    reply(ticket=ticket, author=world.zhao, body="", attachments=[file("推流日志-8842.log")], now=world.now)
    other = opened(world, "x", "y")
    reply(ticket=other, author=world.agent, body="", attachments=[file("ours.har")], internal=True, now=world.now)
    assert found("推流日志") == 1
    assert found("8842.log has:attachment") == 1
    assert found("has:附件") == 2
    assert found("has:attachment", "zhao") == 1
    assert found("has:attachment", "stranger") == 0
    assert found("ours.har", "stranger") == 0


def test_walls(world: World, ticket: Ticket, found: Any) -> None:
    reply(ticket=ticket, author=world.agent, body="internal: 换一家CDN，不要说", internal=True, now=world.now)
    assert found("换一家") == found("cdn") == found('"internal: 换一家"') == 1
    for name in ("zhao", "viewer", "stranger"):
        for question in (
            "换一家",
            "cdn",
            '"internal: 换一家"',
            "!cdn",
            "'!cdn",
            "\\!cdn",
            "tag:refund",
            "assignee:none",
        ):
            assert found(question, name) == 0, (name, question)
    assert found("starlight", "zhao") == 1
    assert found("starlight", "stranger") == 0
    assert found(f"starlight customer:{world.show.ref}", "stranger") == 0
    page = world.client("stranger").get("/tickets/search?q=starlight").content.decode()
    assert ticket.ref not in page
    assert "Service groups" not in page
    assert world.client().get("/tickets/search?q=x").status_code == 302


def test_hostile_words(world: World, ticket: Ticket, found: Any) -> None:
    reply(ticket=ticket, author=world.zhao, body="<script>alert(1)</script> it's a \\ back's'lash", now=world.now)
    for question in (
        "alert",
        "it's",
        "back's'lash",
        "\\",
        "' | '",
        "a & !b",
        ":*",
        '"',
        "-",
        "x" * 5000,
        "字" * 500,
        "%",
        "\x00",
    ):
        answer = world.client("agent").get("/tickets/search", {"q": question, "page": "9" * 30, "kind": "no"})
        assert answer.status_code == 200, question
        assert "<script>alert" not in answer.content.decode()
    assert found("alert") == found('"<script>alert"') == found("it's") == 1


def test_groups_and_contacts(world: World, group: Group, found: Any) -> None:
    contact = contact_of(
        account=group.account, external_id="wx1", name="钱多多", email="qian@starlight.example",
        customer_id=world.show.pk, now=world.now,
    )  # fmt: skip
    post_in_group(group=group, speaker=contact, body="连麦时回声很大", now=world.now)
    assert found("回声", kind=Kind.GROUP) == 1
    assert found("钱多多", kind=Kind.CONTACT) == found("qian@starlight", kind=Kind.CONTACT) == 1
    assert found("回声", "zhao", Kind.GROUP) == found("钱多多", "zhao", Kind.CONTACT) == 0
    assert "<mark>回声</mark>" in world.client("agent").get("/tickets/search?q=回声&kind=group").content.decode()
    assert "钱多多" in world.client("agent").get("/tickets/search?q=qian&kind=contact").content.decode()


def test_indexing_again_changes_nothing_and_changes_are_found(world: World, ticket: Ticket, found: Any) -> None:
    assert found("卡顿率") == 1
    assert not Unindexed.objects.exists()
    Ticket.objects.filter(pk=ticket.pk).update(title="Another name", title_zh="")
    reply(ticket=ticket, author=world.zhao, body="first", now=world.now)
    index_changed(world.now + timedelta(seconds=61))  # a moment after it was written: it rests
    assert find(world.agent, "another").total == 0
    reply(ticket=ticket, author=world.zhao, body="second", now=world.now)
    index_changed(world.now + timedelta(seconds=62))
    assert Unindexed.objects.count() == 1
    index_changed(world.now + timedelta(seconds=71))
    assert [find(world.agent, words).total for words in ("another", "second", "卡顿率")] == [1, 1, 0]
    assert Document.objects.filter(ticket=ticket).count() == 1
    assert not Unindexed.objects.exists()


def test_paging(world: World, ticket: Ticket, found: Any) -> None:
    for n in range(45):
        opened(world, f"pageable {n}", "x")
    assert found("pageable") == 45
    client, seen = world.client("agent"), set()
    for page in (1, 2, 3):
        hits = find(world.agent, "pageable", page=page)
        seen |= set(hits.documents)
    assert len(seen) == 45
    text = client.get("/tickets/search?q=pageable&page=3").content.decode()
    assert "41–45 of 45" in text
    assert 'rel="prev"' in text
    assert 'rel="next"' not in text
