"""Policies, rules and the management escalation in the document: previewed, taken and given."""

import json
from pathlib import Path

import pytest

from aftercare.kernel.errors import Refused
from aftercare.oncall import actions
from aftercare.oncall.actions import Rung
from aftercare.oncall.models import CustomerSchedule, EscalationPolicy, ManagementRung, PolicyRule
from aftercare.oncall.roster.document import read_document
from aftercare.oncall.tests.cast import MONDAY, Duty
from aftercare.oncall.tests.test_roster_file import preview

SCHEDULES = """
version: 1
schedules:
  - name: Primary
    timezone: Asia/Shanghai
    layers: [{turns: [lin@provider.example], starts: 2026-11-23 10:00, hours: [{days: all, from: 10:00, to: 22:00}]}]
"""
BESIDE = """
policies:
  - name: Default
    default: true
    repeat: for ever
    steps:
      - {schedule: Primary, wait: 2.5}
      - {person: mei@provider.example, wait: 10}
  - name: Days
    repeat: 0
    steps:
      - {webhook: Bridge}
      - {schedule: Primary}
rules:
  - {customer: Starlight Show, severity: red, policy: Days}
management:
  - {after: 15, tell: mei@provider.example, as: Team lead}
  - {after: 30, severity: red, where: over, tell: ada@provider.example}
duty:
  - {customer: Starlight Show, schedule: Primary}
"""


def sent(duty: Duty, text: str, **more: str) -> str:
    answer = duty.world.client("mei").post("/oncall/schedules/file", {"text": text} | more, follow=True)
    return answer.content.decode()


def bridge(duty: Duty) -> None:
    url = "https://hooks.example.com/bridge"
    actions.add_room(name="Bridge", account=None, address=url, actor=duty.world.ada, now=duty.now)


def test_it_works(duty: Duty) -> None:
    assert "Days: there is no webhook “Bridge”." in sent(duty, SCHEDULES + BESIDE)
    bridge(duty)
    shown = sent(duty, SCHEDULES + BESIDE)
    assert "repeat: for ever" in shown and "Rules" in shown and "Team lead" in shown
    assert EscalationPolicy.objects.count() == 1, "looking changes nothing"
    sent(duty, SCHEDULES + BESIDE, take="yes")
    default = EscalationPolicy.objects.get(is_default=True)
    assert (default.name, default.repeat) == ("Default", None)
    assert [(step["kind"], step["delay_s"]) for step in default.steps] == [("schedule", 150), ("person", 600)]
    days = EscalationPolicy.objects.get(name="Days")
    assert [(step["kind"], step["delay_s"]) for step in days.steps] == [("webhook", 0), ("schedule", 300)]
    rule = PolicyRule.objects.get()
    assert (rule.customer, rule.severity, rule.policy) == (duty.world.show, "red", days)
    rungs = [(one.minutes, one.until, one.title) for one in ManagementRung.objects.all()]
    assert rungs == [(15, "acknowledged", "Team lead"), (30, "over", "")]
    own = CustomerSchedule.objects.get()
    assert (own.customer, own.schedule.name) == (duty.world.show, "Primary")


def test_what_the_console_gives_changes_nothing_and_can_be_previewed(duty: Duty, tmp_path: Path) -> None:
    bridge(duty)
    sent(duty, SCHEDULES + BESIDE, take="yes")
    text = duty.world.client("agent").get("/oncall/schedules.yaml").content.decode()
    assert "wait: 2.5" in text and "repeat: for ever" in text
    shown = sent(duty, text)
    assert shown.count("Stays as it is.") == 7 and "Take this file" not in shown
    span = ("--from", "2026-11-24", "--to", "2026-11-26")
    told = json.loads(preview(tmp_path, *span, "--json", text=text).stdout)["policies"]
    default, days = sorted(told, key=lambda one: not one["default"])
    assert (default["name"], default["unheard"], default["repeat"]) == ("Default", [], None)
    assert days["unheard"][0] == ["2026-11-23T16:00:00+00:00", "2026-11-24T02:00:00+00:00"]
    shown = preview(tmp_path, *span, "--strict", text=text)
    assert shown.returncode == 1 and "Nobody is on any step" in shown.stdout and "then 2.5 min" in shown.stdout


def test_what_the_file_does_not_say_stays_and_its_lists_are_whole(duty: Duty) -> None:
    world = duty.world
    kept = actions.save_policy(name="Kept", steps=[(duty.backup, 300)], actor=None, now=duty.now)
    actions.save_rule(customer=world.social, severity="", policy=kept, actor=None, now=duty.now)
    actions.save_rungs(rungs=[Rung(15, world.mei)], actor=None, now=duty.now)
    actions.set_customer_schedule(customer=world.show, schedule=duty.backup, actor=None, now=duty.now)
    sent(duty, SCHEDULES, take="yes")
    assert PolicyRule.objects.exists() and ManagementRung.objects.exists() and CustomerSchedule.objects.exists()
    sent(duty, SCHEDULES + "duty:\n  - {customer: Whisper 1-1, schedule: Primary}\n", take="yes")
    assert [(one.customer, one.schedule.name) for one in CustomerSchedule.objects.all()] == [(world.social, "Primary")]
    assert "There is no schedule “Night”." in sent(duty, SCHEDULES + "duty: [{customer: Whisper 1-1, schedule: Night}]")
    assert "There is no customer “Nobody”" in sent(duty, SCHEDULES + "duty: [{customer: Nobody, schedule: Primary}]")
    sent(duty, SCHEDULES + "rules:\n  - {severity: warning, policy: Kept}\nmanagement: []\n", take="yes")
    assert EscalationPolicy.objects.count() == 2
    assert [(one.customer, one.severity) for one in PolicyRule.objects.all()] == [(None, "warning")]
    assert not ManagementRung.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("policies: [{name: A, steps: []}]", "Line 7, policies[1].steps: there are none"),
        ("policies: [{name: A, steps: [{schedule: P, person: x@y.z}]}]", "write exactly one of schedule"),
        ("policies: [{name: A, steps: [{schedule: P, wait: 0}]}]", "waits before it is repeated"),
        ("policies: [{name: A, steps: [{room: R, wait: 5}]}]", "nobody waits for a room"),
        ("policies: [{name: A, steps: [{schedule: P, wait: soon}]}]", "“soon” is no wait"),
        ("policies: [{name: A, repeat: often, steps: [{schedule: P}]}]", "write a number up to 20"),
        ("policies: [{name: A, steps: [{room: R}]}, {name: A, steps: [{room: R}]}]", "two policies are called “A”"),
        ("rules: [{policy: A}]", "name a customer or a severity"),
        ("rules: [{severity: P1, policy: A}]", "write one of red, warning"),
        ("management: [{after: 0, tell: a@b.c}]", "write minutes, 1 to 1440"),
        ("duty: [{customer: A, schedule: P}, {customer: A, schedule: Q}]", "“A” has a schedule of its own already"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(said: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_document(SCHEDULES + said, around=MONDAY.date())
    assert sentence in str(refused.value.sentence)


def test_a_policy_that_wakes_nobody_fails_a_strict_preview(tmp_path: Path) -> None:
    whole = SCHEDULES.replace(", hours: [{days: all, from: 10:00, to: 22:00}]", "")
    text = whole + "policies: [{name: Chatter, steps: [{room: Operations}]}]\n"
    shown = preview(tmp_path, "--from", "2026-11-24", "--strict", text=text)
    assert (shown.returncode, shown.stderr) == (1, "") and "It wakes nobody" in shown.stdout
    assert preview(tmp_path, "--from", "2026-11-24", "--strict", text=whole).returncode == 0
