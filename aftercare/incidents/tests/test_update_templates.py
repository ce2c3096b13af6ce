"""Texts of updates that a provider words beforehand."""

from typing import Any

from django.test import Client

from aftercare.incidents.models import Incident, Update, UpdateTemplate
from tests.world import World

ZH = "【{title}】自 {since} 起受影响，[处理措施]。下次通报：{next}。"
EN = "{title}, since {since}: [what we do]. Next: {next}."
FACTS = {"name": "CDN down", "stage": "identified", "body": EN, "body_zh": ZH, "seen": "0"}


def saved(client: Client, **more: str) -> Any:
    """A new one."""
    return client.post("/update-templates/new", {**FACTS, **more})


def test_it_fills_itself_and_does_not_go_with_a_bracket(world: World, incident: Incident) -> None:
    assert saved(world.client("ada")).status_code == 302
    kept = UpdateTemplate.objects.get()
    client = world.client("eng")
    page = client.get(f"/incidents/{incident.ref}/updates").content.decode()
    assert f'value="template:{kept.ref}"' in page and "CDN down" in page
    page = client.get(f"/incidents/{incident.ref}/updates?template={kept.ref}").content.decode()
    assert f"{incident.title}, since " in page and "[what we do]" in page and "{title}" not in page
    assert 'value="identified" selected' in page
    told = {"stage": "identified", "body": "We see it: [what we do].", "body_zh": "处理中。", "next_within": "30"}
    told |= {"token": "a" * 32, "action": "send", "seen": "0"}
    answer = client.post(f"/incidents/{incident.ref}/updates", told)
    assert answer.status_code == 400 and "[what we do]" in answer.content.decode() and not Update.objects.exists()


def test_what_was_typed_is_never_lost_by_choosing_a_text(world: World, incident: Incident) -> None:
    saved(world.client("ada"))
    client, path = world.client("eng"), f"/incidents/{incident.ref}/updates"
    start = f"template:{UpdateTemplate.objects.get().ref}"
    fresh = fields(client.get(path))
    begun = client.post(path, {**fresh, "body": fresh["body"] + "\r\n", "start": start, "action": "begin"})
    assert "[what we do]" in fields(begun)["body"] and fields(begun)["stage"] == "identified", "nothing was typed"
    assert (fields(begun)["token"], fields(begun)["seen"]) == (fresh["token"], "0")

    typed = {**fields(begun), "body_zh": "正在切换。", "next_within": "10", "start": "stage:monitoring"}
    answer = client.post(path, {**typed, "action": "begin"})
    kept = fields(answer)
    assert {name: kept[name] for name in ("body", "body_zh", "stage", "next_within")} == {
        name: typed[name] for name in ("body", "body_zh", "stage", "next_within")
    }
    page = answer.content.decode()
    assert "Take it in place of mine" in page and "We are watching that it holds." in page
    again = client.post(path, {**kept, "start": "stage:monitoring", "action": "begin"})
    assert "正在切换。" in fields(again)["body_zh"], "asked twice it is still kept"

    taken = fields(client.post(path, {**kept, "start": "stage:monitoring", "action": "take"}))
    assert taken["stage"] == "monitoring" and "正在切换。" not in taken["body_zh"]
    assert "Take it" not in client.post(path, {**taken, "start": start, "action": "begin"}).content.decode()
    for word in ("", "stage:x", "template:nothing", "template:\x00", "x" * 5_000):
        assert client.post(path, {**taken, "start": word, "action": "begin"}).status_code == 200
    assert not Update.objects.exists()


def fields(answer: Any) -> dict[str, str]:
    """What the composer holds."""
    form = answer.context["form"]
    return {name: str(form[name].value() or 0) for name in ("seen",)} | {
        name: str(form[name].value() or "") for name in ("stage", "body", "body_zh", "next_within", "token", "begun")
    }


def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(world: World) -> None:
    client = world.client("ada")
    for said, sentence in (
        ({"body": "{titel} is down"}, "Nothing fills {titel}. There are {title}, {since}, {next}."),
        ({"body": "{ title } is down"}, "Nothing fills { title }."),
        ({"body_zh": "｛title｝故障"}, "Nothing fills ｛title｝."),
        ({"body": "{title is down"}, "Nothing fills {title is down."),
        ({"body": "{{title}} is down"}, "Nothing fills {."),
        ({"body": "{title}} is down"}, "Nothing fills }."),
        ({"name": " "}, "required"),
        ({"stage": "x"}, "not one of the available choices"),
        ({"body_zh": ""}, "required"),
    ):
        answer = saved(client, **said)
        assert answer.status_code == 400 and sentence in answer.content.decode(), said
        assert "CDN down" in answer.content.decode() or "name" in said
    assert saved(client).status_code == 302
    assert "Another template is called “CDN down”" in saved(client).content.decode()
    assert UpdateTemplate.objects.count() == 1


def test_two_people_change_one(world: World) -> None:
    saved(world.client("ada"))
    kept = UpdateTemplate.objects.get()
    path = f"/update-templates/{kept.ref}"
    assert world.client("ada").post(path, {**FACTS, "seen": "1", "body": "First {title}."}).status_code == 302
    answer = world.client("ada").post(path, {**FACTS, "seen": "1", "body": "Second {title}."})
    page = answer.content.decode()
    assert answer.status_code == 400 and "First {title}." in page and "Second {title}." in page
    assert UpdateTemplate.objects.get().body == "First {title}." and 'name="seen" value="2"' in page
    assert world.client("ada").post(path, {**FACTS, "seen": "2", "body": "Both."}).status_code == 302


def test_a_removed_one_is_offered_no_more_and_its_name_is_free(world: World, incident: Incident) -> None:
    client = world.client("ada")
    saved(client)
    kept = UpdateTemplate.objects.get()
    for _again in range(2):
        assert client.post(f"/update-templates/{kept.ref}/removal").status_code == 302
    assert "CDN down" not in client.get(f"/incidents/{incident.ref}/updates").content.decode()
    assert client.get(f"/update-templates/{kept.ref}").status_code == 404
    assert saved(client).status_code == 302


def test_who_reads_and_who_writes(world: World) -> None:
    saved(world.client("ada"))
    kept = UpdateTemplate.objects.get()
    engineer = world.client("eng")
    assert "CDN down" in engineer.get("/update-templates").content.decode()
    assert "[what we do]" in engineer.get(f"/update-templates/{kept.ref}").content.decode()
    assert saved(engineer, name="Mine").status_code == 403
    assert engineer.post(f"/update-templates/{kept.ref}/removal").status_code == 403
    for name in ("zhao", "stranger", "viewer"):
        client = world.client(name)
        assert client.get("/update-templates").status_code == 404
        assert saved(client, name="Mine").status_code == 404
    assert UpdateTemplate.objects.filter(removed_at=None).count() == 1


def test_a_title_is_never_read_as_a_place(world: World, incident: Incident) -> None:
    Incident.objects.update(title="{next} <b>", title_zh="{next}")
    saved(world.client("ada"), body="{title}.")
    ref = UpdateTemplate.objects.get().ref
    page = world.client("eng").get(f"/incidents/{incident.ref}/updates?template={ref}").content.decode()
    assert "{next} &lt;b&gt;." in page
