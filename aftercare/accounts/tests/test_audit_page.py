"""The audit as a page: paged, and filtered by action, person, customer, thing and time."""

from datetime import timedelta

from django.urls import reverse

from aftercare.audit.actions import record
from tests.world import World


def fill(world: World) -> None:
    for n in range(70):
        record(
            actor=world.eng if n % 2 else world.mei,
            action="ticket.reply" if n % 3 else "ticket.open",
            subject=f"thing-{n:02}",
            customer_id=world.show.pk if n < 35 else world.social.pk,
            detail={"n": n},
            now=world.now - timedelta(hours=n),
        )


def rows(world: World, query: str) -> set[int]:
    html = world.client("mei").get(reverse("accounts:audit") + query).content.decode()
    return {n for n in range(70) if f"<code>thing-{n:02}</code>" in html}


def test_pages(world: World) -> None:
    fill(world)
    first, second = rows(world, ""), rows(world, "?page=2")
    assert first & second == set()
    assert first | second == set(range(70))


def test_filters(world: World) -> None:
    fill(world)
    assert rows(world, "?action=ticket.open") == set(range(0, 70, 3))
    assert rows(world, f"?person={world.eng.ref}") == set(range(1, 70, 2))
    assert rows(world, f"?customer={world.show.ref}") == set(range(35))
    assert rows(world, "?subject=thing-07") == {7}
    assert rows(world, f"?person=nobody&customer={world.show.ref}") == set()
    assert rows(world, "?customer=nobody") == set()


def test_time_is_the_readers(world: World) -> None:
    fill(world)
    world.mei.timezone = "Asia/Shanghai"
    world.mei.save()
    edge = world.now - timedelta(hours=5, minutes=30) + timedelta(hours=8)
    found = rows(world, f"?since={edge:%Y-%m-%dT%H:%M}")
    assert found == set(range(6))
    assert rows(world, f"?until={edge:%Y-%m-%dT%H:%M}&action=ticket.open") == set(range(6, 70, 3))


def test_handles_a_wrong_time(world: World) -> None:
    response = world.client("mei").get(reverse("accounts:audit") + "?since=yesterday-ish")
    assert response.status_code == 200 and "form-error" in response.content.decode()


def test_names_what_was_done(world: World) -> None:
    html = world.client("mei").get(reverse("accounts:audit")).content.decode()
    assert "Issued a key" in html and "Starlight Show" in html and "Ada" in html
    assert world.show_secret.split("_")[2] not in html
