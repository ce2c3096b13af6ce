"""A deploy script silences what it will set off, moves the end, ends it, and reads what was held back."""

from datetime import timedelta
from typing import Any

from aftercare.incidents.models import InhibitionRule, Silence
from aftercare.incidents.tests.scene import open_alert
from aftercare.incidents.tests.test_changes_api import call
from tests.world import World


def facts(world: World, **more: Any) -> dict[str, Any]:
    """What a deploy script sends."""
    told = {"reason": "Deploy 41", "match": {"app": world.show_app.ref}, "holds_red": True, "lasts_s": 1800}
    return {**told, "token": "a" * 32, **more}


def test_it_works(world: World) -> None:
    made = [call(world, "eng", "/silences", facts(world)) for _twice in range(2)]
    assert [status for status, _told in made] == [201, 201] and Silence.objects.count() == 1
    told = made[0][1]
    assert (told["state"], told["held"], told["made_by"]) == ("running", 0, world.eng.ref)
    silence = Silence.objects.get()
    assert silence.ends_at - silence.starts_at == timedelta(minutes=30)

    alert = open_alert(world, at=silence.starts_at)
    assert call(world, "eng", f"/silences/{told['ref']}")[1]["held"] == 1
    (row,) = call(world, "eng", "/held-alerts?waiting=true")[1]["alerts"]
    assert (row["alert"], row["reason"], row["silence"], row["outcome"]) == (alert.ref, "silence", told["ref"], "")
    assert row["why"] == "Silenced by Lin: “Deploy 41”" and row["until"] is not None

    later = (silence.starts_at + timedelta(hours=3)).isoformat()
    assert call(world, "eng", f"/silences/{told['ref']}/end", {"ends_at": later}, "put")[0] == 200
    silence.refresh_from_db()
    assert silence.ends_at.isoformat() == later
    assert [call(world, "eng", f"/silences/{told['ref']}", {}, "delete")[0] for _twice in range(2)] == [204, 204]
    assert call(world, "eng", "/silences?running=true")[1]["silences"] == []
    assert call(world, "eng", "/silences")[1]["silences"][0]["state"] == "over"


def test_rejects_what_is_no_silence(world: World) -> None:
    for wrong, said in (
        ({"match": {}}, "all of them at once cannot be"),
        ({"match": {"title": "**"}}, "all of them at once cannot be"),
        ({"match": {"origin": "mind:x"}}, "An origin is"),
        ({"match": {"customer": "nobody"}}, "There is no “nobody” to choose."),
        ({"match": {"labels": {str(n): "x" for n in range(11)}}}, "At most 10 labels"),
        ({"match": {"labels": {"region": "x" * 201}}}, "at most 200"),
        ({"reason": " "}, "Say why"),
        ({"lasts_s": None}, "Give either"),
        ({"ends_at": "2030-01-01T00:00:00Z"}, "Give either"),
        ({"lasts_s": None, "ends_at": "2030-01-01T00:00:00"}, "offset"),
        ({"lasts_s": None, "ends_at": (world.now + timedelta(days=9)).isoformat()}, "at most 7 days"),
        ({"lasts_s": None, "ends_at": (world.now - timedelta(hours=1)).isoformat()}, "ends after it begins"),
    ):
        status, told = call(world, "eng", "/silences", facts(world, **wrong))
        assert status == 409 and said in told["sentence"], (wrong, told)
    assert not Silence.objects.exists()


def test_requires_the_capability_and_is_not_there_for_customers(world: World) -> None:
    ref = call(world, "eng", "/silences", facts(world))[1]["ref"]
    rule = {"name": "Origin", "source": {"metric": "push_rtt"}, "target": {"metric": "stall_rate"}, "same": "app"}
    made = call(world, "mei", "/inhibitions", rule)
    assert made[0] == 201 and [one["ref"] for one in call(world, "agent", "/inhibitions")[1]] == [made[1]["ref"]]
    gets = ("/silences", f"/silences/{ref}", "/held-alerts", "/inhibitions")
    deeds = (
        ("/silences", facts(world, token="b" * 32), "post"),
        (f"/silences/{ref}", {}, "delete"),
        (f"/silences/{ref}/end", {"ends_at": (world.now + timedelta(hours=1)).isoformat()}, "put"),
        ("/inhibitions", rule, "post"),
        (f"/inhibitions/{made[1]['ref']}", {}, "delete"),
    )
    for who, seen, done in (("zhao", 404, 404), ("stranger", 404, 404), ("agent", 200, 403)):
        assert [call(world, who, path)[0] for path in gets] == [seen] * 4
        assert [call(world, who, *deed)[0] for deed in deeds] == [done] * 5
    assert Silence.objects.get().ended_by is None
    assert call(world, "mei", f"/inhibitions/{made[1]['ref']}", {}, "delete")[0] == 204
    assert InhibitionRule.objects.get().removed_at is not None
