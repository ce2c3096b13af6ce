"""The pages and the API of hidden risks: who sees what, what may be asked for, and what is done with one."""

import pytest
from django.urls import reverse

from aftercare.audit.models import Entry
from aftercare.watch.models import RiskRule
from aftercare.watch.risks.actions import take_risk
from aftercare.watch.tests.running_out import DAY, FIGURES, Stage, history, risks

FORM = {"name": "Transcoder licence", "kind": "licence", "source": "date", "lead_days": "30, 14, 7", "of": "own"}


@pytest.fixture
def stage(world, telemetry):
    return Stage(world, telemetry)


@pytest.fixture
def risk(stage):
    stage.rule(name="<b>Licence</b>", expires_on=(stage.now + 20 * DAY).date())
    stage.look_now()
    (found,) = risks()
    return found


def url(name, *args):
    return reverse(f"watch:{name}", args=args)


def due(stage, days=5):
    return (stage.now + days * DAY).date().isoformat()


class TestPages:
    def test_it_works(self, world, stage):
        client = world.client("eng")
        day = (stage.now + 20 * DAY).date().isoformat()
        made = client.post(url("new_risk_rule"), {**FORM, "expires_on": day, "owner": world.eng.ref}, follow=True)
        assert made.status_code == 200, made.context["form"].errors
        assert "It has not been looked at yet" in made.content.decode()
        stage.look_now()
        page = client.get(url("risks")).content.decode()
        assert "Transcoder licence" in page and "1 not closed" in page and world.eng.name in page
        (risk,) = risks()
        page = client.get(url("risk", risk.ref)).content.decode()
        assert "The date that was set by hand" in page and "within the lead time of 30 days" in page
        client.post(url("risk_note", risk.ref), {"text": "asked for an offer"})
        client.post(url("risk_taking", risk.ref), {"owner": world.mei.ref, "due_on": due(stage)})
        page = client.get(url("risk", risk.ref)).content.decode()
        assert "asked for an offer" in page and world.mei.name in page and "being handled" in page
        wrong = client.post(url("risk_closing", risk.ref), {"closing": "fixed", "reason": ""})
        assert wrong.status_code == 400 and "The date that was set still stands" in wrong.content.decode()
        accepted = {"closing": "accepted", "reason": "the room closes", "until": due(stage)}
        assert client.post(url("risk_closing", risk.ref), accepted).status_code == 302
        assert "No hidden risk is open" in client.get(url("risks")).content.decode()
        client.post(url("risk_closing", risk.ref), {"reopen": "1"})
        assert history(risk) == ["found", "note", "taken", "closed", "reopened"]
        actions = set(Entry.objects.values_list("action", flat=True))
        assert {"risk_rule.create", "risk.note", "risk.take", "risk.close", "risk.reopen"} <= actions

    def test_whose_is_whose(self, world, stage, risk):
        stage.rule(own=True, name="Edge disks", expires_on=(stage.now + 20 * DAY).date())
        stage.look_now()
        own = risks(customer=None)[0]
        for who, sees in (("eng", 200), ("zhao", 200), ("viewer", 200), ("stranger", 404)):
            assert world.client(who).get(url("risk", risk.ref)).status_code == sees
            assert world.client(who).get(url("risk_rule", risk.rule.ref)).status_code == sees
        for who in ("zhao", "stranger"):
            assert world.client(who).get(url("risk", own.ref)).status_code == 404
            assert world.client(who).get(url("risk_rule", own.rule.ref)).status_code == 404
            assert "Edge disks" not in world.client(who).get(url("risks")).content.decode()
        for name in ("risk_taking", "risk_note", "risk_closing"):
            assert world.client("viewer").post(url(name, risk.ref)).status_code == 403
            assert world.client("stranger").post(url(name, risk.ref)).status_code == 404
        for name in ("risk_rule", "risk_figure", "risk_rule_deletion"):
            assert world.client("viewer").post(url(name, risk.rule.ref)).status_code == 403
            assert world.client("stranger").post(url(name, risk.rule.ref)).status_code == 404

    def test_a_customer_cannot_make_one_for_the_provider_or_another(self, world, stage):
        day = (stage.now + 20 * DAY).date().isoformat()
        for of in ("own", f"all:{world.social.ref}", world.social_app.ref):
            asked = {**FORM, "expires_on": day, "of": of}
            assert world.client("zhao").post(url("new_risk_rule"), asked).status_code == 400
        assert not RiskRule.objects.exists()

    def test_it_can_be_given_only_to_who_may_see_it(self, world, stage, risk):
        for who, owner in (("eng", world.stranger), ("zhao", world.eng), ("zhao", world.stranger)):
            said = {"owner": owner.ref, "due_on": due(stage)}
            assert world.client(who).post(url("risk_taking", risk.ref), said).status_code == 400
        risk.refresh_from_db()
        assert risk.owner is None

    def test_the_providers_people_have_no_names_for_a_customer(self, world, stage, risk):
        take_risk(risk=risk, owner=world.eng, due_at=risk.due_at, actor=world.eng, now=stage.now)
        page = world.client("zhao").get(url("risk", risk.ref)).content.decode()
        assert world.eng.name not in page and world.eng.ref not in page and "The provider" in page
        said = {"owner": "keep", "due_on": due(stage)}
        assert world.client("zhao").post(url("risk_taking", risk.ref), said).status_code == 302
        risk.refresh_from_db()
        assert risk.owner == world.eng

    def test_scripts_are_text(self, world, risk):
        world.client("zhao").post(url("risk_note", risk.ref), {"text": "<script>alert(1)</script>"})
        for address in (url("risks"), url("risk", risk.ref), url("risk_rule", risk.rule.ref), url("risk_rules")):
            page = world.client("eng").get(address).content.decode()
            assert "<b>Licence" not in page and "<script>alert(1)" not in page

    def test_nobodys_and_overdue_ones_come_first(self, world, stage):
        for name, days in (("late", 3), ("owned", 10), ("nobodys", 25)):
            stage.rule(name=name, expires_on=(stage.now + days * DAY).date())
        stage.look_now()
        for found in risks():
            if found.subject == "owned":
                take_risk(risk=found, owner=world.eng, due_at=found.due_at, actor=None, now=stage.now)
        page = world.client("eng").get(url("risks")).content.decode()
        places = [page.index(f">{name}<") for name in ("late", "nobodys", "owned")]
        assert places == sorted(places)
        narrowed = world.client("eng").get(url("risks"), {"state": "nobodys"}).content.decode()
        assert ">owned<" not in narrowed and ">nobodys<" in narrowed
        assert "No hidden risk fits" in world.client("eng").get(url("risks"), {"kind": "disk"}).content.decode()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"expires_on": ""},
            {"lead_days": "7, 14"},
            {"lead_days": "soon"},
            {"lead_days": "9999"},
            {"name": " "},
            {"kind": "weather"},
            {"source": "probes"},
            {"source": "figures", "limit": "nan"},
            {"source": "figures"},
            {"source": "sdk", "sdk_version": ""},
            {"source": "metric", "metric": "no_such", "limit": "1"},
            {"source": "metric", "metric": "max(disk.used)", "limit": "1", "of": "own"},
            {"owner": "someone"},
        ],
    )
    def test_rejects(self, world, stage, wrong):
        asked = {**FORM, "expires_on": due(stage, 20), "of": f"all:{world.show.ref}", **wrong}
        reply = world.client("eng").post(url("new_risk_rule"), asked)
        assert reply.status_code == 400 and not RiskRule.objects.exists()

    def test_figures_are_told_on_the_page_and_unknown_is_said(self, world, stage):
        rule = stage.rule(**FIGURES)
        assert world.client("zhao").post(url("risk_figure", rule.ref), {"value": "712.5"}).status_code == 302
        stage.look_now()
        page = world.client("zhao").get(url("risk_rule", rule.ref)).content.decode()
        assert "Nothing is known, which is not the same as fine" in page and "712.5" in page
        assert world.client("zhao").post(url("risk_figure", rule.ref), {"value": "inf"}).status_code == 400

    def test_what_was_prevented_opens_to_its_rows(self, world, stage, risk):
        stage.edit(risk.rule, expires_on=(stage.now + 300 * DAY).date())
        stage.look_now()
        page = world.client("eng").get(url("risk_outcomes"), {"days": "30"}).content.decode()
        assert "1 prevented" in page and risk.ref in page
        assert risk.ref not in world.client("stranger").get(url("risk_outcomes")).content.decode()


class TestApi:
    def call(self, world, who, method, path, data=None):
        client = world.client(who)
        return getattr(client, method)(f"/api/v1{path}", data, content_type="application/json")

    def test_it_works(self, world, stage):
        asked = {
            "name": "Account",
            "kind": "balance",
            "known_from": "figures",
            "limit": 0,
            "falls": True,
            "unit": "CNY",
        }
        made = self.call(world, "zhao", "post", "/risk-rules", {**asked, "of": f"all:{world.show.ref}"})
        assert made.status_code == 201, made.content
        ref = made.json()["ref"]
        for age in range(9, -1, -1):
            at = (stage.now - age * DAY).isoformat()
            told = self.call(world, "zhao", "post", f"/risk-rules/{ref}/figures", {"value": 100 + 40 * age, "at": at})
            assert told.status_code == 201
        stage.look_now()
        rule = self.call(world, "zhao", "get", f"/risk-rules/{ref}").json()
        assert rule["known"] and rule["seen"][0]["runs_out_at"]
        (risk,) = self.call(world, "zhao", "get", "/risks").json()["risks"]
        assert risk["severity"] == "red" and risk["measured"]["slope"] == pytest.approx(-40)
        given = {"owner": world.zhao.ref, "due_on": due(stage, 2)}
        assert self.call(world, "zhao", "put", f"/risks/{risk['ref']}/owner", given).json()["state"] == "handling"
        closed = self.call(world, "zhao", "post", f"/risks/{risk['ref']}/closing", {"closing": "fixed"}).json()
        assert closed["closing"] == "fixed"
        counted = self.call(world, "zhao", "get", "/risks/outcomes").json()
        assert (counted["prevented"], counted["unproven"]) == (0, 1)
        assert self.call(world, "zhao", "delete", f"/risks/{risk['ref']}/closing").json()["state"] == "handling"
        lines = self.call(world, "zhao", "get", f"/risks/{risk['ref']}/history").json()
        assert [line["kind"] for line in lines] == ["reopened", "closed", "taken", "found"]
        assert self.call(world, "zhao", "delete", f"/risk-rules/{ref}").status_code == 204

    def test_strangers_and_readers(self, world, risk):
        ref, rule = risk.ref, risk.rule.ref
        calls = (
            ("put", f"/risks/{ref}/owner", {"owner": None, "due_on": "2027-01-01"}),
            ("post", f"/risks/{ref}/notes", {"text": "x"}),
            ("post", f"/risks/{ref}/closing", {"closing": "fixed"}),
            ("delete", f"/risks/{ref}/closing", None),
            ("delete", f"/risk-rules/{rule}", None),
            ("post", f"/risk-rules/{rule}/figures", {"value": 1}),
        )
        for method, path, data in calls:
            assert self.call(world, "stranger", method, path, data).status_code == 404, path
            assert self.call(world, "viewer", method, path, data).status_code == 403, path
        assert self.call(world, "stranger", "get", "/risks").json()["risks"] == []
        assert self.call(world, "stranger", "get", f"/risks/{ref}/history").status_code == 404
