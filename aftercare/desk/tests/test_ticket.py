"""The ticket's page: who sees what of it."""

from datetime import timedelta

from aftercare.desk.actions import reply
from aftercare.desk.models import Ticket
from tests.world import World


def test_it_works(world: World, ticket: Ticket) -> None:
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "We saw this before you had to tell us." in page
    assert "Flagship" in page
    assert "Key account" in page
    assert "Claim" in page


def test_a_stranger_gets_404_everywhere(world: World, ticket: Ticket) -> None:
    client = world.client("stranger")
    for part in ("", "/thread", "/evidence"):
        assert client.get(f"/tickets/{ticket.ref}{part}").status_code == 404
    for deed in ("messages", "claim", "assignment", "severity", "solution", "reopening", "confirmation"):
        assert client.post(f"/tickets/{ticket.ref}/{deed}", {"body": "hello", "version": "1"}).status_code == 404
    assert ticket.messages.count() == 1


def test_a_read_only_member_gets_403_on_writes(world: World, ticket: Ticket) -> None:
    client = world.client("viewer")
    assert client.get(f"/tickets/{ticket.ref}").status_code == 200
    for deed in ("messages", "claim", "assignment", "severity", "solution", "reopening", "confirmation"):
        assert client.post(f"/tickets/{ticket.ref}/{deed}", {"body": "hello", "version": "1"}).status_code == 403
    assert client.get("/tickets/new").status_code == 403
    assert "composer" not in client.get(f"/tickets/{ticket.ref}").content.decode()


def test_a_customer_has_no_business_with_handling(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    for deed in ("claim", "assignment", "severity", "solution"):
        assert client.post(f"/tickets/{ticket.ref}/{deed}", {"version": "1"}).status_code == 404
    page = client.get(f"/tickets/{ticket.ref}").content.decode()
    assert "Internal note" not in page
    assert "Key account" not in page


def test_an_internal_note_stays_inside(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="their CDN again", internal=True, now=world.now)
    assert "their CDN again" in world.client("eng").get(f"/tickets/{ticket.ref}").content.decode()
    for name in ("zhao", "viewer"):
        for part in ("", "/thread"):
            assert "their CDN again" not in world.client(name).get(f"/tickets/{ticket.ref}{part}").content.decode()


def test_a_script_in_a_message_is_inert(world: World, ticket: Ticket) -> None:
    attack = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1) https://example.com/a?b=1&c=2"
    reply(ticket=ticket, author=world.zhao, body=attack, now=world.now)
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow">' in page


def test_a_hostile_title_is_inert(world: World, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(title="<script>alert(2)</script>")
    for path in ("/tickets", f"/tickets/{ticket.ref}", "/"):
        assert "<script>alert(2)" not in world.client("agent").get(path).content.decode()


def test_the_thread_part_carries_the_new_version(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.zhao, body="any news?", now=world.now)
    part = world.client("agent").get(f"/tickets/{ticket.ref}/thread").content.decode()
    assert "any news?" in part
    assert 'value="2" hx-swap-oob' in part
    assert "customer waits" in part
    assert "<html" not in part


def test_the_systems_words_are_in_the_readers_language(world: World, ticket: Ticket) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    page = world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert "我们先于您发现了这个问题。" in page
    assert "We saw this" not in page


def test_a_long_thread_shows_its_first_words_and_the_newest(world: World, ticket: Ticket) -> None:
    for n in range(40):
        reply(ticket=ticket, author=world.agent, body=f"Word {n} of ours", now=world.now + timedelta(seconds=n))
    client = world.client("zhao")
    for path in (f"/tickets/{ticket.ref}", f"/tickets/{ticket.ref}/thread"):
        page = client.get(path).content.decode()
        assert "We saw this before you had to tell us." in page
        assert "Word 39 of ours" in page and "Word 10 of ours" in page and "Word 9 of ours" not in page
        assert "Show 10 older entries" in page
        whole = client.get(f"{path}?whole=1").content.decode()
        assert "Word 9 of ours" in whole and "older entries" not in whole
        assert whole.count("We saw this before you had to tell us.") == 1
