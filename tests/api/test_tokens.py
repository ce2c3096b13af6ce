"""A token acts as its person: behind the same walls, for as long as it works, and nothing of it is kept but a print."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client

from aftercare.accounts.actions.tokens import MOST_TOKENS_OF_PERSON, issue_token
from aftercare.accounts.bearer import CALLS_PER_MINUTE
from aftercare.accounts.models import ApiToken, User
from aftercare.desk.actions import open_ticket, reply
from aftercare.desk.models import Message, Ticket
from tests.world import World


def caller(world: World, user: User) -> Client:
    issued = issue_token(user=user, label="test", life_days=1, now=world.now)
    return Client(headers={"Authorization": f"Bearer {issued.secret}"})


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def test_a_token_is_made_on_the_page_and_shown_once(world: World) -> None:
    client = world.client("zhao")
    page = client.post("/me/tokens", {"label": "ci", "life_days": "30"}).content.decode()
    secret = page.split('spellcheck="false">')[1].split("<")[0]
    assert secret.startswith("at_")
    assert secret not in client.get("/me/tokens").content.decode()
    assert not ApiToken.objects.filter(fingerprint__contains=secret[:8]).exists()
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json() == {
        "ref": world.zhao.ref,
        "name": "Zhao",
        "email": world.zhao.email,
        "role": "owner",
        "customer": world.show.ref,
    }
    client.post(f"/me/tokens/{ApiToken.objects.get().ref}/revocation")
    answer = program.get("/api/v1/me")
    assert (answer.status_code, answer.json()["error"]) == (401, "no_token")


def test_it_ends_with_its_time_and_with_its_person(world: World) -> None:
    program = caller(world, world.zhao)
    assert program.get("/api/v1/me").status_code == 200
    ApiToken.objects.update(expires_at=world.now - timedelta(seconds=1))
    assert program.get("/api/v1/me").status_code == 401
    other = caller(world, world.developer)
    User.objects.filter(pk=world.developer.pk).update(is_active=False)
    assert other.get("/api/v1/me").status_code == 401


def test_others_tokens_and_tickets_are_not_there(world: World) -> None:
    ticket = opened(world)
    issue_token(user=world.zhao, label="mine", life_days=1, now=world.now)
    assert world.client("stranger").post(f"/me/tokens/{ApiToken.objects.get().ref}/revocation").status_code == 404
    stranger = caller(world, world.stranger)
    assert stranger.get(f"/api/v1/tickets/{ticket.ref}").status_code == 404
    assert stranger.get("/api/v1/tickets").json() == {"next": None, "tickets": []}
    for deed in ("claim", "reopening", "confirmation"):
        assert post(stranger, f"/api/v1/tickets/{ticket.ref}/{deed}", {}).status_code == 404
    own = caller(world, world.zhao)
    assert post(own, f"/api/v1/tickets/{ticket.ref}/claim", {}).status_code == 404  # the provider's deed
    assert post(own, "/api/v1/tickets", {"title": "t", "body": "b", "app": world.social_app.ref}).status_code == 404
    reader = caller(world, world.viewer)
    assert post(reader, f"/api/v1/tickets/{ticket.ref}/messages", {"body": "hi"}).status_code == 403


def opened(world: World) -> Ticket:
    return open_ticket(
        customer_id=world.show.pk,
        app_id=None,
        title="Black screen",
        severity="P2",
        body="Since 21:00",
        opened_by=None,
        now=world.now,
    )


def test_what_a_page_does_the_api_does(world: World) -> None:
    customer, agent = caller(world, world.zhao), caller(world, world.agent)
    facts = {"title": "推流断了", "body": "room 7", "severity": "P1", "app": world.show_app.ref}
    made = post(customer, "/api/v1/tickets", facts)
    assert made.status_code == 201
    told = made.json()
    assert (told["customer"], told["way"], told["status"], told["version"]) == (world.show.ref, "api", "open", 1)
    path = f"/api/v1/tickets/{told['ref']}"

    assert post(agent, f"{path}/claim", {}).json()["assignee"]["name"] == "Wang"
    lost = post(caller(world, world.eng), f"{path}/claim", {})
    assert (lost.status_code, lost.json()["error"]) == (409, "refused")
    assert "Wang" in lost.json()["sentence"]
    assert post(agent, f"{path}/messages", {"body": "secret", "internal": True}).status_code == 201
    assert post(agent, f"{path}/messages", {"body": "在看", "version": 3}).status_code == 201
    stale = post(agent, f"{path}/messages", {"body": "again", "version": 1})
    assert stale.status_code == 409
    said = customer.get(f"{path}/messages").json()["messages"]
    assert [m["body"] for m in said] == ["在看", "room 7"]
    assert post(agent, f"{path}/severity", {"severity": "P2"}).json()["severity"] == "P2"
    assert post(agent, f"{path}/assignment", {"assignee": world.eng.ref, "version": 5}).json()["version"] == 6
    assert post(agent, f"{path}/solution", {}).json()["status"] == "solved"
    assert post(customer, f"{path}/confirmation", {}).json()["status"] == "closed"
    assert post(customer, f"{path}/reopening", {}).json()["status"] == "open"


def test_a_repeated_call_counts_once_and_for_its_caller_alone(world: World) -> None:
    customer = caller(world, world.zhao)
    facts = {"title": "t", "body": "b"}
    refs = {post(customer, "/api/v1/tickets", facts, **{"Idempotency-Key": "k1"}).json()["ref"] for _n in range(3)}
    assert (len(refs), Ticket.objects.count(), Message.objects.count()) == (1, 1, 1)
    other = caller(world, world.stranger)
    assert post(other, "/api/v1/tickets", facts, **{"Idempotency-Key": "k1"}).json()["ref"] not in refs
    path = f"/api/v1/tickets/{refs.pop()}/messages"
    for _n in range(2):
        post(customer, path, {"body": "more"}, **{"Idempotency-Key": "k1"})
    assert Message.objects.filter(body="more").count() == 1


def test_lists_go_on_by_a_cursor(world: World) -> None:
    for number in range(5):
        open_ticket(
            customer_id=world.show.pk,
            app_id=None,
            title=f"n{number}",
            severity="P3",
            body="b",
            opened_by=world.zhao,
            now=world.now,
        )
    program, cursor, seen = caller(world, world.zhao), "", []
    while cursor is not None:
        page = program.get("/api/v1/tickets", {"limit": 2, "cursor": cursor}).json()
        seen += [ticket["title"] for ticket in page["tickets"]]
        cursor = page["next"]
    assert seen == ["n4", "n3", "n2", "n1", "n0"]
    for asked in ({"cursor": "x"}, {"cursor": "e30"}, {"limit": 0}, {"limit": 101}):
        assert program.get("/api/v1/tickets", asked).status_code == 409


def test_bad_calls_get_a_sentence(world: World) -> None:
    program = caller(world, world.zhao)
    for body in ("{", "[]", '{"title": 1}', '{"title": "t"}'):
        answer = program.post("/api/v1/tickets", body, content_type="application/json")
        assert answer.status_code in (400, 422)
        assert answer.json()["sentence"]
    assert post(program, "/api/v1/tickets", {"title": "", "body": "b"}).status_code == 409
    assert post(program, "/api/v1/tickets", {"title": "t", "body": "\x00"}).status_code == 409
    long_key = post(program, "/api/v1/tickets", {"title": "t", "body": "b"}, **{"Idempotency-Key": "k" * 201})
    assert long_key.status_code == 409
    assert program.get("/api/v1/tickets/%00").status_code == 422
    assert program.get("/api/v1/tickets?status=%00&q=%00").status_code == 200
    assert Client().get("/api/v1/tickets").status_code == 401


def test_the_consoles_session_needs_the_forms_token(world: World) -> None:
    client = world.client("zhao", enforce_csrf_checks=True)
    assert client.get("/api/v1/me").status_code == 200
    assert post(client, "/api/v1/tickets", {"title": "t", "body": "b"}).status_code in (401, 403)
    assert not Ticket.objects.exists()


def test_too_many_calls_are_told_to_wait(world: World) -> None:
    program = caller(world, world.zhao)
    answers = [program.get("/api/v1/apps") for _n in range(CALLS_PER_MINUTE // 100)]
    assert {answer.status_code for answer in answers} == {200}
    from aftercare.urls import api

    throttle = api.throttle[0]  # type: ignore[index]
    throttle._calls[world.zhao.pk] = CALLS_PER_MINUTE
    refused = program.get("/api/v1/apps")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 61
    throttle._calls.clear()


def test_the_description_is_openapi_and_complete(world: World) -> None:
    told = Client().get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.")
    assert {"/api/v1/tickets", "/api/v1/tickets/{ref}/messages", "/api/v1/groups"} <= set(told["paths"])
    assert all("summary" in call for path in told["paths"].values() for call in path.values())


def test_a_person_has_so_many_tokens(world: World) -> None:
    for _n in range(MOST_TOKENS_OF_PERSON):
        issue_token(user=world.zhao, label="x", life_days=1, now=world.now)
    page = world.client("zhao").post("/me/tokens", {"label": "one more", "life_days": "30"})
    assert page.status_code == 200 or page.status_code == 400
    assert "Revoke one" in page.content.decode()
    assert ApiToken.objects.count() == MOST_TOKENS_OF_PERSON


def test_notes_stay_inside(world: World) -> None:
    ticket = opened(world)
    reply(ticket=ticket, author=world.agent, body="internal words", internal=True, now=world.now)
    said = caller(world, world.zhao).get(f"/api/v1/tickets/{ticket.ref}/messages").content.decode()
    assert "internal words" not in said
