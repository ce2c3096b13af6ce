"""Rating a solution: once for each solving, by who signs in or who has the signed link, changeable for a week."""

from datetime import datetime, timedelta

import pytest

from aftercare.desk.actions import open_ticket, rate, reopen_ticket, reply, resolve_ticket
from aftercare.desk.models import Rating, Ticket
from aftercare.desk.quality import first_contact, ratings_for, satisfaction
from aftercare.desk.ratings import rating_path
from aftercare.kernel.errors import Refused
from tests.world import World

GOOD = {"expertise": "5", "attitude": "4", "communication": "5", "first_contact": "", "words": "quick"}
MARKS = {"expertise": 5, "attitude": 4, "communication": 5}


def solve(world: World, ticket: Ticket, at: datetime | None = None) -> Rating:
    resolve_ticket(ticket=ticket, user=world.agent, now=at or world.now)
    rating = ticket.ratings.first()
    assert rating is not None
    return rating


def test_it_works_by_the_portal(world: World, ticket: Ticket) -> None:
    solve(world, ticket)
    client = world.client("zhao")
    assert "How was it solved?" in client.get(f"/tickets/{ticket.ref}").content.decode()
    assert client.post(f"/tickets/{ticket.ref}/rating", GOOD).status_code == 302
    rating = Rating.objects.get()
    assert (rating.expertise, rating.words, rating.rated_by, rating.by_link) == (5, "quick", world.zhao, False)
    client.post(f"/tickets/{ticket.ref}/rating", GOOD | {"expertise": "1", "first_contact": "no"})
    rating.refresh_from_db()
    assert (rating.expertise, rating.first_contact) == (1, False)
    assert rating.changed_at is not None
    assert "quick" in world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "quick" in world.client("agent").get("/tickets/ratings").content.decode()


def test_it_works_by_the_link(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    path = rating_path(rating, world.zhao.ref)
    client = world.client()
    assert client.get(path).status_code == 200
    rating.refresh_from_db()
    assert rating.rated_at is None, "a mail scanner that follows the link rates nothing"
    assert client.post(path, GOOD).status_code == 302
    rating.refresh_from_db()
    assert (rating.attitude, rating.rated_by, rating.by_link) == (4, world.zhao, True)
    assert "Thank you" in client.get(path).content.decode()


def test_a_forged_or_moved_link_is_nothing(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    other = open_ticket(
        customer_id=world.social.pk, app_id=None, title="B", severity="P3", body="b", opened_by=world.stranger,
        now=world.now,
    )  # fmt: skip
    theirs = solve(world, other)
    path = rating_path(rating, world.zhao.ref)
    signature = path.rpartition("/")[2]
    client = world.client()
    for forged in (
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        f"/ratings/{theirs.ref}/{world.zhao.ref}/{signature}",
        f"/ratings/{rating.ref}/{world.stranger.ref}/{signature}",
        f"/ratings/zzzzzzzzzzzz/{world.zhao.ref}/{signature}",
    ):
        assert client.get(forged).status_code == 404
        assert client.post(forged, GOOD).status_code == 404
    assert not Rating.objects.filter(rated_at__isnull=False).exists()


def test_a_link_shown_to_somebody_tells_only_the_title(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    page = world.client().get(rating_path(rating, world.zhao.ref)).content.decode()
    assert "We saw this before" not in page


def test_each_solving_is_asked_anew_and_an_old_link_answers_only_its_own(world: World, ticket: Ticket) -> None:
    first = solve(world, ticket)
    rate(rating=first, marks=MARKS, user=world.zhao, now=world.now)
    reopen_ticket(ticket=ticket, user=world.zhao, now=world.now + timedelta(hours=1))
    second = solve(world, ticket, world.now + timedelta(hours=2))
    assert second.pk != first.pk
    reopen_ticket(ticket=ticket, user=world.zhao, now=world.now + timedelta(hours=3))
    answer = world.client().post(rating_path(second, world.zhao.ref), GOOD)
    assert (answer.status_code, "opened again" in answer.content.decode()) == (409, True)
    rate(rating=first, marks=MARKS | {"expertise": 2}, user=world.zhao, now=world.now + timedelta(hours=4))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.expertise, second.rated_at) == (2, None)


def test_after_a_week_it_stands(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    rate(rating=rating, marks=MARKS, user=world.zhao, now=world.now)
    rate(rating=rating, marks=MARKS, user=world.zhao, now=world.now + timedelta(days=7))
    with pytest.raises(Refused, match="7 days"):
        rate(rating=rating, marks=MARKS, user=world.zhao, now=world.now + timedelta(days=7, seconds=1))


def test_after_thirty_days_nobody_is_asked_any_more(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    with pytest.raises(Refused, match="30 days"):
        rate(rating=rating, marks=MARKS, user=world.zhao, now=world.now + timedelta(days=31))


@pytest.mark.parametrize("mark", ["", "0", "6", "x", "-1", "5.5"])
def test_rejects_marks_that_are_none(world: World, ticket: Ticket, mark: str) -> None:
    rating = solve(world, ticket)
    world.client("zhao").post(f"/tickets/{ticket.ref}/rating", GOOD | {"attitude": mark})
    assert world.client().post(rating_path(rating, world.zhao.ref), GOOD | {"attitude": mark}).status_code == 400
    rating.refresh_from_db()
    assert rating.rated_at is None


def test_nobody_rates_for_the_customer(world: World, ticket: Ticket) -> None:
    solve(world, ticket)
    answers = {
        name: world.client(name).post(f"/tickets/{ticket.ref}/rating", GOOD).status_code for name in world.people
    }
    assert answers | {"zhao": 302, "developer": 302} == {
        **dict.fromkeys(("ada", "mei", "eng", "agent", "success", "stranger"), 404),
        **{"viewer": 403, "zhao": 302, "developer": 302},
    }


def test_words_are_never_markup(world: World, ticket: Ticket) -> None:
    solve(world, ticket)
    world.client("zhao").post(f"/tickets/{ticket.ref}/rating", GOOD | {"words": "<script>alert(1)</script>"})
    for path in (f"/tickets/{ticket.ref}", "/tickets/ratings"):
        assert "<script>alert" not in world.client("agent").get(path).content.decode()


def test_figures_carry_their_volume(world: World, ticket: Ticket) -> None:
    rating = solve(world, ticket)
    rate(rating=rating, marks=MARKS, user=world.zhao, now=world.now)
    other = open_ticket(
        customer_id=world.social.pk, app_id=None, title="B", severity="P3", body="b", opened_by=world.stranger,
        now=world.now,
    )  # fmt: skip
    rate(rating=solve(world, other), marks=dict.fromkeys(MARKS, 3), user=world.stranger, now=world.now)
    span = (world.now - timedelta(days=1), world.now + timedelta(days=1))
    every = satisfaction(ratings_for(world.agent), *span)
    assert (every.asked, every.answered, every.content, every.csat) == (2, 2, 1, 50)
    assert [(m.total, m.volume, m.mean) for m in every.questions] == [(8, 2, 4), (7, 2, 3.5), (8, 2, 4)]
    own = satisfaction(ratings_for(world.zhao), *span)
    assert (own.asked, own.csat) == (1, 100)
    nothing = satisfaction(ratings_for(world.zhao), world.now + timedelta(days=1), world.now + timedelta(days=2))
    assert (nothing.answered, nothing.csat, nothing.questions[0].mean) == (0, None, None)
    assert "Starlight" not in world.client("stranger").get("/tickets/ratings").content.decode()


def black(world: World, at: datetime, kind: str = "black") -> Ticket:
    return open_ticket(
        customer_id=world.show.pk, app_id=world.show_app.pk, title="Black", severity="P3", body="b", kind=kind,
        opened_by=world.zhao, now=at,
    )  # fmt: skip


def share(world: World, days: float = 20) -> tuple[int, int, int]:
    until = world.now + timedelta(days=days)
    found = first_contact(Ticket.objects.all(), world.now - timedelta(days=1), until, until)
    return found.solved, found.first, found.undecided


def test_first_contact_waits_for_its_week(world: World) -> None:
    solve(world, black(world, world.now))
    assert share(world, 6) == (0, 0, 1)
    assert share(world, 7) == (1, 1, 0)


def test_opened_again_within_a_week_it_was_not(world: World) -> None:
    ticket = black(world, world.now)
    solve(world, ticket)
    reply(ticket=ticket, author=world.zhao, body="again", now=world.now + timedelta(days=6))
    assert share(world) == (1, 0, 0)


def test_opened_again_later_it_was(world: World) -> None:
    ticket = black(world, world.now)
    solve(world, ticket)
    reply(ticket=ticket, author=world.zhao, body="again", now=world.now + timedelta(days=8))
    assert share(world) == (1, 1, 0)


def test_a_follow_up_of_the_same_kind_counts_until_the_customer_tells_them_apart(world: World) -> None:
    first = black(world, world.now)
    solve(world, first)
    second = black(world, world.now + timedelta(days=3))
    assert second.follows == first
    assert share(world)[1] == 0
    page = world.client("zhao").get(f"/tickets/{second.ref}").content.decode()
    assert "has come back" in page
    assert world.client("zhao").post(f"/tickets/{second.ref}/separation").status_code == 302
    assert share(world)[1] == 1
    assert black(world, world.now + timedelta(days=3), kind="audio").follows is None
    assert black(world, world.now + timedelta(days=8)).follows is None


def test_the_customers_own_word_outranks_the_records(world: World) -> None:
    ticket = black(world, world.now)
    rate(rating=solve(world, ticket), marks=MARKS, first_contact=False, user=world.zhao, now=world.now)
    assert share(world) == (1, 0, 0)


def test_what_follows_stays_with_its_customer(world: World) -> None:
    solve(world, black(world, world.now))
    other = open_ticket(
        customer_id=world.social.pk, app_id=None, title="B", severity="P3", body="b", kind="black",
        opened_by=world.stranger, now=world.now + timedelta(days=1),
    )  # fmt: skip
    assert other.follows is None
