"""A customer's program reads its events and ticks what is the customer's; another's finds nothing."""

from aftercare.incidents.tests.gala import make_gala
from tests.world import World


def test_it_is_read_and_ticked(world: World) -> None:
    gala = make_gala(world, apps=[world.show_app, world.social_app])
    theirs = gala.items.first()
    assert theirs is not None
    gala.items.filter(pk=theirs.pk).update(customer=world.show, owner=None)
    zhao, stranger, eng = (world.client(name) for name in ("zhao", "stranger", "eng"))
    (one,) = zhao.get("/api/v1/assurances").json()
    assert (one["ref"], one["apps"], one["expected_concurrent"]) == (gala.ref, [world.show_app.ref], None)
    (item,) = zhao.get(f"/api/v1/assurances/{gala.ref}").json()["items"]
    assert stranger.get(f"/api/v1/assurances/{gala.ref}").json()["items"] == []
    assert len(eng.get(f"/api/v1/assurances/{gala.ref}").json()["items"]) == 12
    path, body = f"/api/v1/assurances/{gala.ref}/items/{item['item']}", {"note": "done it"}
    assert world.client("viewer").post(path, body, content_type="application/json").status_code == 403
    assert stranger.post(path, body, content_type="application/json").status_code == 409
    told = zhao.post(path, body, content_type="application/json")
    assert told.status_code == 200 and told.json()["items"][0]["note"] == "done it"


def test_another_customers_event_is_not_there(world: World) -> None:
    gala = make_gala(world)
    stranger = world.client("stranger")
    assert stranger.get("/api/v1/assurances").json() == []
    assert stranger.get(f"/api/v1/assurances/{gala.ref}").status_code == 404
    item = gala.items.first()
    assert item is not None
    answer = stranger.post(
        f"/api/v1/assurances/{gala.ref}/items/{item.pk}", {"note": ""}, content_type="application/json"
    )
    assert answer.status_code == 404
