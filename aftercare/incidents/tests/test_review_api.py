"""Reports, grades and follow-ups over the API."""

from datetime import timedelta

from aftercare.incidents.actions import resolve_incident
from aftercare.incidents.models import FollowUp, Incident, PostMortem
from aftercare.incidents.review import post_mortem
from tests.api.calling import Program
from tests.world import World


def published(world: World, incident: Incident) -> PostMortem:
    """A report that Starlight was given."""
    resolve_incident(incident=incident, user=world.eng, anyway=True, now=world.now)
    row = post_mortem.begin(incident=incident, actor=world.eng, now=world.now)
    content = row.content
    content["texts"]["cause"] = {"en": "An edge.", "zh": "一个边缘节点。"}
    content["texts"]["impact"] = {"en": "Stalls.", "zh": "卡顿。"}
    row = post_mortem.save(post_mortem=row, content=content, seen=1, actor=world.eng, now=world.now)
    row = post_mortem.move(post_mortem=row, state="review", seen=2, actor=world.eng, now=world.now)
    post_mortem.publish(post_mortem=row, customers=[world.show], seen=2, actor=world.eng, now=world.now)
    return row


def test_a_customers_program_reads_its_reports(world: World, incident: Incident) -> None:
    row = published(world, incident)
    zhao, stranger, lin = (Program(world, user) for user in (world.zhao, world.stranger, world.eng))
    assert [one["ref"] for one in zhao.get("/incident-reports")] == [row.ref]
    document = zhao.get(f"/incident-reports/{row.ref}")["document"]
    assert {part["text"] for part in document["zh"]["parts"]} >= {"一个边缘节点。", "卡顿。"}
    assert stranger.get("/incident-reports") == []
    stranger.get(f"/incident-reports/{row.ref}", expect=404)
    stranger.get(f"/incident-reports/{row.ref}", expect=404, customer=world.show.ref)
    lin.get(f"/incident-reports/{row.ref}", customer=world.show.ref)
    lin.get(f"/incident-reports/{row.ref}", expect=404, customer=world.social.ref)


def test_the_providers_program_grades_and_follows_up(world: World, incident: Incident) -> None:
    lin, path = Program(world, world.eng), f"/incidents/{incident.ref}"
    lin.post(f"{path}/grade", level=2, expect=409)
    lin.post(f"{path}/grade", level=2, reason="The gala.", expect=204)
    lin.post(f"{path}/responsibility", party="third", reason="A carrier.", evidence=["their ticket 77"], expect=204)
    due = (world.now + timedelta(days=5)).date().isoformat()
    made = lin.post(f"{path}/follow-ups", title="A second carrier", owner=world.mei.ref, due_on=due, expect=201)
    told = lin.get(f"{path}/review")
    assert (told["level"], told["users"], told["responsibility"][0]["shares"]) == (2, None, {"third": 100})
    assert [one["title"] for one in lin.get("/follow-ups")] == ["A second carrier"]
    lin.post(f"/follow-ups/{made['ref']}/end", state="dropped", expect=409)
    assert lin.post(f"/follow-ups/{made['ref']}/end")["state"] == "done"
    assert FollowUp.objects.get().ended_by == world.eng
    zhao = Program(world, world.zhao)
    zhao.get(f"{path}/review", expect=404)
    zhao.get("/follow-ups", expect=404)
    zhao.post(f"{path}/grade", level=1, expect=404)
