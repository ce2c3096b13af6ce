"""Looking at what runs out: one row per cause, closer and closer, closed and opened again, counted truly."""

from datetime import timedelta

import pytest
from django.db import transaction

from aftercare.kernel import events
from aftercare.watch.events import AlertsOpened, RiskClosed, RiskDue, RiskFound
from aftercare.watch.models import Alert, Risk, RiskDeed, RiskRule
from aftercare.watch.risks.actions import close_by_hand, take_risk
from aftercare.watch.risks.engine import LEASE, claim, settle_all
from aftercare.watch.risks.looking import look
from aftercare.watch.risks.queries import count_outcomes
from aftercare.watch.risks.rules import delete_rule
from aftercare.watch.tests.running_out import BALANCE, DAY, FIGURES, Stage, history, risks
from aftercare.watch.tests.test_at_once import at_once
from tests.world import make_world


@pytest.fixture
def stage(world, telemetry):
    return Stage(world, telemetry)


@pytest.fixture
def heard(monkeypatch):
    told = []
    for kind in (RiskFound, RiskDue, RiskClosed, AlertsOpened):
        monkeypatch.setitem(events._handlers, kind, [told.append])
    return told


def outcomes(stage):
    seen = count_outcomes(stage.world.eng, 365, stage.now)
    return seen.prevented, seen.happened, seen.unproven


class TestADate:
    def test_it_works(self, stage, heard):
        rule = stage.rule(expires_on=(stage.now + 40 * DAY).date())
        stage.look()
        assert not risks(), "forty days are beyond the first lead time"
        stage.wait(days=11)
        (risk,) = risks()
        assert (risk.state, risk.severity, risk.lead_days) == ("open", "warning", 30)
        assert risk.due_at == risk.runs_out_at - 7 * DAY
        for _ in range(30):
            stage.wait(days=1)
        (risk,) = risks()
        assert risk.pk == Risk.objects.get().pk and risk.severity == "red" and risk.happened_at == risk.runs_out_at
        assert history(risk) == ["found", "worse", "worse", "overdue", "ran_out"]
        kinds = [type(one).__name__ for one in heard]
        assert kinds.count("RiskFound") == 1 and kinds.count("RiskDue") == 1
        assert rule.risks.count() == 1

    def test_only_the_last_lead_time_opens_an_alert_which_is_red_once_it_ran_out(self, stage):
        stage.rule(expires_on=(stage.now + 20 * DAY).date())
        stage.look()
        assert not Alert.objects.exists()
        stage.wait(days=13)
        alert = Alert.objects.get()
        assert alert.severity == "warning" and alert.customer == stage.world.show and alert.is_open
        assert "Licence" in alert.title and "许可证" in alert.title_zh
        stage.wait(days=8)
        assert Alert.objects.get().severity == "red"

    def test_a_new_date_closes_it_as_prevented_and_its_alert_with_it(self, stage):
        rule = stage.rule(expires_on=(stage.now + 5 * DAY).date())
        stage.look()
        assert Alert.objects.filter(closed_at=None).count() == 1
        stage.edit(rule, expires_on=(stage.now + 370 * DAY).date())
        stage.look()
        (risk,) = risks()
        assert (risk.state, risk.closing) == ("closed", "fixed")
        assert outcomes(stage) == (1, 0, 0) and not Alert.objects.filter(closed_at=None).exists()

    def test_a_year_later_it_is_the_same_row_and_counts_again(self, stage):
        rule = stage.rule(expires_on=(stage.now + 5 * DAY).date())
        stage.look()
        stage.edit(rule, expires_on=(stage.now + 100 * DAY).date())
        stage.look()
        stage.wait(days=80)
        (risk,) = risks()
        assert risk.state == "open" and history(risk)[-1] == "reopened"
        stage.edit(rule, expires_on=(stage.now + 300 * DAY).date())
        stage.look()
        assert outcomes(stage) == (2, 0, 0)

    def test_what_ran_out_first_has_happened_whoever_closes_it(self, stage):
        rule = stage.rule(expires_on=(stage.now + 5 * DAY).date())
        stage.look()
        stage.wait(days=6)
        stage.edit(rule, expires_on=(stage.now + 370 * DAY).date())
        stage.look()
        assert outcomes(stage) == (0, 1, 0)

    def test_what_ran_out_counts_at_once_and_no_more_where_it_was_not_true(self, stage):
        stage.rule(expires_on=(stage.now + 5 * DAY).date())
        stage.look()
        stage.wait(days=6)
        assert outcomes(stage) == (0, 1, 0)
        close_by_hand(risk=risks()[0], closing="untrue", reason="replaced", actor=stage.world.eng, now=stage.now)
        assert outcomes(stage) == (0, 0, 0)

    def test_shorter_lead_times_prevent_nothing(self, stage):
        rule = stage.rule(expires_on=(stage.now + 20 * DAY).date())
        stage.look()
        stage.edit(rule, lead_days=(7, 3))
        stage.look()
        (risk,) = risks()
        assert (risk.state, risk.closing) == ("closed", "gone") and outcomes(stage) == (0, 0, 0)

    def test_a_deleted_rule_leaves_nothing_open(self, stage):
        rule = stage.rule(expires_on=(stage.now + 3 * DAY).date())
        stage.look()
        delete_rule(rule=rule, actor=None, now=stage.now)
        assert risks()[0].closing == "gone" and not Alert.objects.filter(closed_at=None).exists()
        assert stage.wait(hours=2) == 2, "only the two built-in rules are looked at"


class TestFigures:
    def test_a_drift_is_found_before_it_is_there_and_said_with_its_uncertainty(self, stage):
        rule = stage.rule(**FIGURES)
        stage.figures(rule, [700 + 10 * n + (3 if n % 2 else 0) for n in range(12)])
        stage.look()
        (risk,) = risks()
        assert 15 <= (risk.runs_out_at - stage.now) / DAY <= 20
        assert risk.earliest_at <= risk.runs_out_at <= risk.latest_at
        assert risk.measured["limit"] == 1000 and risk.measured["days"] == 12

    def test_a_balance_is_held_against_its_floor_and_a_top_up_counts_at_once(self, stage):
        rule = stage.rule(**BALANCE)
        stage.figures(rule, [1000 - 50 * n for n in range(10)])
        stage.look()
        (risk,) = risks()
        assert 9 <= (risk.runs_out_at - stage.now) / DAY <= 12
        take_risk(risk=risk, owner=stage.world.eng, due_at=risk.due_at, actor=stage.world.eng, now=stage.now)
        stage.figure(rule, 90_000, -1 / 24)
        stage.wait(hours=1)
        assert risks()[0].closing == "fixed" and outcomes(stage) == (1, 0, 0)

    def test_a_forecast_that_turns_away_by_itself_prevented_nothing(self, stage):
        rule = stage.rule(**FIGURES)
        stage.figures(rule, [700 + 10 * n for n in range(12)])
        stage.look()
        stage.now += DAY
        stage.figures(rule, [300.0] * 12)
        stage.look()
        assert risks()[0].closing == "receded" and outcomes(stage) == (0, 0, 0)

    def test_too_few_figures_are_unknown_and_change_nothing(self, stage):
        rule = stage.rule(**FIGURES)
        stage.figures(rule, [700, 800])
        stage.look()
        rule.refresh_from_db()
        assert not risks() and not rule.is_known and rule.looked_at == stage.now

    def test_figures_that_stop_close_nothing(self, stage):
        rule = stage.rule(**FIGURES)
        stage.figures(rule, [700 + 10 * n for n in range(12)])
        stage.look()
        stage.wait(days=40)
        assert risks()[0].is_open, "unknown is not fine"


class TestProbes:
    def test_a_certificate_is_watched_without_a_rule_of_its_own(self, stage):
        target = stage.certificate(days_left=20)
        stage.look()
        (risk,) = risks()
        assert (risk.cause, risk.customer, risk.app) == (target.ref, stage.world.show, stage.world.show_app)
        assert (risk.kind, risk.rule.builtin, risk.lead_days) == ("certificate", "certificates", 30)
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=89)
        stage.look()
        assert risks()[0].closing == "fixed" and outcomes(stage) == (1, 0, 0)

    def test_nobody_looking_is_no_news(self, stage):
        stage.certificate(days_left=20)
        stage.look()
        stage.wait(days=5)
        assert risks()[0].is_open and risks()[0].seen_at < stage.now - 4 * DAY

    def test_another_customers_agent_cannot_renew_it(self, stage):
        target = stage.certificate(days_left=20)
        stage.look()
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=300, app=stage.world.social_app)
        stage.look()
        assert risks()[0].is_open

    def test_a_failing_look_tells_its_date_too(self, stage):
        target = stage.certificate(days_left=80)
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=10, code="expires_soon")
        stage.look()
        assert risks()[0].lead_days == 14


class TestSdk:
    def test_each_customer_that_still_runs_it_has_its_own(self, stage):
        stage.sessions(stage.world.show_app, "3.1.0", 8)
        stage.sessions(stage.world.show_app, "4.0.0", 2)
        stage.sessions(stage.world.social_app, "4.0.0", 5)
        ends = (stage.now + 20 * DAY).date()
        stage.rule(own=True, source="sdk", kind="sdk_end", name="SDK 3.1", sdk_version="3.1.0", expires_on=ends)
        stage.look()
        (risk,) = risks()
        assert risk.customer == stage.world.show
        assert (risk.measured["sessions"], risk.measured["of_sessions"]) == (8, 10)
        stage.now += 8 * DAY
        stage.sessions(stage.world.show_app, "4.0.0", 4)
        stage.look()
        assert risks()[0].closing == "fixed" and outcomes(stage) == (1, 0, 0)


class TestClosings:
    def close(self, stage, closing, **more):
        return close_by_hand(risk=risks()[0], closing=closing, actor=stage.world.eng, now=stage.now, **more)

    def test_fixed_counts_once_a_look_finds_it_no_more(self, stage):
        target = stage.certificate(days_left=20)
        stage.look()
        self.close(stage, "fixed", reason="renewed")
        assert outcomes(stage) == (0, 0, 1)
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=90)
        stage.look()
        assert outcomes(stage) == (1, 0, 0) and history(risks()[0]) == ["found", "closed", "confirmed"]

    def test_fixed_that_is_still_found_opens_again_and_counts_as_nothing(self, stage):
        target = stage.certificate(days_left=20)
        stage.look()
        self.close(stage, "fixed", reason="I think so")
        stage.wait(hours=1)
        assert not risks()[0].is_open, "nothing newer was seen"
        stage.saw(target, days_left=20)
        stage.wait(hours=1)
        (risk,) = risks()
        assert risk.is_open and outcomes(stage) == (0, 0, 0)
        assert RiskDeed.objects.get(risk=risk, kind="closed").undone_at == stage.now

    def test_accepted_opens_again_when_its_time_is_over(self, stage):
        stage.rule(expires_on=(stage.now + 5 * DAY).date())
        stage.look()
        self.close(stage, "accepted", reason="the room closes", until=(stage.now + 3 * DAY).date())
        assert not Alert.objects.filter(closed_at=None).exists()
        stage.wait(days=3)
        assert not risks()[0].is_open
        stage.wait(days=1)
        assert risks()[0].is_open and outcomes(stage) == (0, 0, 0)

    def test_untrue_stays_until_it_was_gone_and_came_back(self, stage):
        target = stage.certificate(days_left=20)
        stage.look()
        self.close(stage, "untrue", reason="a test host")
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=19)
        stage.look()
        assert not risks()[0].is_open
        stage.now += timedelta(hours=2)
        stage.saw(target, days_left=90)
        stage.look()
        stage.now += timedelta(days=3)
        stage.saw(target, days_left=12)
        stage.look()
        assert risks()[0].is_open and outcomes(stage) == (0, 0, 0)


class TestEngine:
    def test_a_rule_is_looked_at_once_an_hour(self, stage):
        stage.rule()
        assert stage.look() == 3, "with the two built-in rules"
        assert stage.look() == 0 and stage.wait(minutes=59) == 0 and stage.wait(minutes=1) == 3

    def test_what_is_settled_twice_counts_once(self, stage):
        rule = stage.rule(expires_on=(stage.now + 5 * DAY).date())
        found = look(rule, stage.now)
        assert settle_all(rule, found, stage.now) == settle_all(rule, found, stage.now) == 1
        assert history(risks()[0]) == ["found"] and Alert.objects.count() == 1

    def test_a_process_that_dies_between_leaves_a_rule_that_is_due_again(self, stage):
        stage.rule(expires_on=(stage.now + 5 * DAY).date())
        with transaction.atomic():
            assert claim(stage.now) is not None
        stage.look()
        assert not risks()
        stage.wait(seconds=LEASE.total_seconds())
        assert len(risks()) == 1

    def test_an_answer_to_an_older_question_is_dropped(self, stage):
        rule = stage.rule(expires_on=(stage.now + 5 * DAY).date())
        asked = claim(stage.now)
        found = look(asked, stage.now)
        stage.now += timedelta(seconds=1)
        stage.edit(rule, expires_on=(stage.now + 300 * DAY).date())
        assert settle_all(asked, found, stage.now) == 0 and not risks()
        assert RiskRule.objects.get(pk=rule.pk).due_at <= stage.now, "it is due at once"

    def test_one_that_raises_holds_no_other(self, stage, monkeypatch):
        bad = stage.rule(name="bad", expires_on=(stage.now + 5 * DAY).date())
        stage.rule(name="good", expires_on=(stage.now + 5 * DAY).date())
        RiskRule.objects.filter(pk=bad.pk).update(lead_days=[])
        stage.look()
        assert [risk.subject for risk in risks()] == ["good"]

    def test_the_built_in_rules_are_made_once_and_stay_deleted(self, stage):
        stage.look()
        rule = RiskRule.objects.get(builtin="domains")
        delete_rule(rule=rule, actor=None, now=stage.now)
        stage.wait(hours=1)
        assert RiskRule.objects.filter(builtin__isnull=False).count() == 2


def test_two_processes_and_a_person_at_once_make_one_row_and_one_alert(telemetry, transactional_db, heard):
    stage = Stage(make_world(), telemetry)
    rules = [stage.rule(name=f"licence {n}", expires_on=(stage.now + 5 * DAY).date()) for n in range(4)]
    later = (stage.now + 300 * DAY).date()
    at_once(stage.look, stage.look, stage.look, lambda: stage.edit(rules[0], expires_on=later))
    stage.look()
    assert Risk.objects.filter(state="open").count() == 3
    assert Alert.objects.filter(closed_at=None).count() == 3
    assert RiskDeed.objects.filter(kind="found").count() == Risk.objects.count()
    assert RiskRule.objects.filter(builtin__isnull=False).count() == 2
