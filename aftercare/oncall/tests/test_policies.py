"""Several escalation policies: which page goes by which, and what becomes of pages whose policy is changed or gone."""

from datetime import timedelta

import pytest

from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.oncall import actions, engine
from aftercare.oncall.models import EscalationPolicy, Page, PolicyRule
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tests.test_engine import told

MINUTE = timedelta(minutes=1)


def make_policy(duty: Duty, name: str, *steps: tuple[object, int], **more: object) -> EscalationPolicy:
    return actions.save_policy(name=name, steps=steps, actor=duty.world.ada, now=duty.now, **more)  # type: ignore[arg-type]


def form_of(duty: Duty, **more: str) -> dict[str, str]:
    return {"name": "Nights", "repeat": "3", "target_0": f"schedule:{duty.backup.ref}", "minutes_0": "2.5"} | more


def test_it_works(duty: Duty) -> None:
    client = duty.world.client("ada")
    assert client.get("/oncall/policies/new").status_code == 200
    assert client.post("/oncall/policies/new", form_of(duty)).status_code == 302
    policy = EscalationPolicy.objects.get(name="Nights")
    assert (policy.repeat, policy.version, policy.is_default) == (3, 1, False)
    assert policy.steps == [{"kind": "schedule", "ref": duty.backup.ref, "delay_s": 150}]
    rule = {"customer": duty.world.show.ref, "severity": "red", "policy": policy.ref}
    assert client.post("/oncall/policies", rule).status_code == 302
    shown = client.get("/oncall/policies").content.decode()
    assert "A red page of Starlight Show goes by “Nights”." in shown and "All other pages go by “Default”" in shown
    page = duty.page()
    assert told(page) == ["Ada"] and page.policy_snapshot["name"] == "Nights"
    assert told(duty.page(subject_ref="inc-2", severity="warning")) == ["Lin"]
    assert told(duty.page(subject_ref="inc-3", customer_id=duty.world.social.pk)) == ["Lin"]


def test_what_is_said_of_a_customer_comes_before_what_is_said_of_all(duty: Duty) -> None:
    world, now = duty.world, duty.now
    names = ["of all red", "of the customer", "of the customer's warnings"]
    first, second, third = (make_policy(duty, name, (duty.backup, 300)) for name in names)
    for customer, severity, policy in ((None, "red", first), (world.show, "", second), (world.show, "warning", third)):
        actions.save_rule(customer=customer, severity=severity, policy=policy, actor=world.ada, now=now)
    pages = [
        duty.page(subject_ref="1"),
        duty.page(subject_ref="2", severity="warning"),
        duty.page(subject_ref="3", customer_id=world.social.pk),
        duty.page(subject_ref="4", customer_id=world.social.pk, severity="warning"),
        duty.page(subject_ref="5", customer_id=None),
    ]
    chosen = [page.policy_snapshot["name"] for page in pages]
    assert chosen == [names[1], names[2], names[0], "Default", names[0]]


def test_a_key_customers_own_duty_is_woken_before_whichever_policy(duty: Duty) -> None:
    policy = make_policy(duty, "Key", (duty.world.mei, 300))
    actions.save_rule(customer=duty.world.show, severity="", policy=policy, actor=None, now=duty.now)
    actions.set_customer_schedule(customer=duty.world.show, schedule=duty.backup, actor=None, now=duty.now)
    assert [step["name"] for step in duty.page().policy_snapshot["steps"]] == ["Backup", "Mei"]
    shown = duty.world.client("agent").get("/oncall/policies").content.decode()
    assert "A red page of Starlight Show wakes “Backup” first, then goes by “Key”." in shown


def test_a_running_page_goes_on_when_its_policy_is_deleted(duty: Duty) -> None:
    policy = make_policy(duty, "Short-lived", (duty.primary, 300), (duty.backup, 300))
    rule = actions.save_rule(customer=duty.world.show, severity="", policy=policy, actor=None, now=duty.now)
    page = duty.page()
    client = duty.world.client("mei")
    assert client.post(f"/oncall/policies/{policy.ref}/removal").status_code == 302
    assert EscalationPolicy.objects.filter(pk=policy.pk).exists(), "a rule leads to it"
    client.post(f"/oncall/rules/{rule.ref}/removal")
    client.post(f"/oncall/policies/{policy.ref}/removal")
    assert not EscalationPolicy.objects.filter(pk=policy.pk).exists()
    engine.process_due(duty.now + 5 * MINUTE)
    assert told(page) == ["Lin", "Ada"]


def test_a_warning_that_becomes_red_goes_by_the_policy_for_red(duty: Duty) -> None:
    policy = make_policy(duty, "Red", (duty.world.mei, 300))
    actions.save_rule(customer=None, severity="red", policy=policy, actor=None, now=duty.now)
    page = duty.page(severity="warning")
    assert told(page) == ["Lin"]
    raised = duty.page(severity="red")
    assert raised.pk == page.pk and told(page) == ["Lin", "Mei"]
    assert raised.policy_snapshot["name"] == "Red"


def test_there_is_always_one_default_and_it_is_not_deleted(duty: Duty) -> None:
    default, other = EscalationPolicy.objects.get(), make_policy(duty, "Other", (duty.backup, 300))
    with pytest.raises(Refused, match="make another one the default first"):
        actions.delete_policy(policy=default, actor=None, now=duty.now)
    assert duty.world.client("ada").post(f"/oncall/policies/{other.ref}/default").status_code == 302
    assert EscalationPolicy.objects.get(is_default=True) == other
    assert told(duty.page()) == ["Ada"]
    actions.delete_policy(policy=default, actor=None, now=duty.now)


def test_repeated_for_ever_it_never_ends_and_never_hurries(duty: Duty) -> None:
    """The last step has nobody on it, and the one before waits for nothing."""
    gone = make_policy(duty, "For ever", (duty.world.mei, 0), (duty.world.eng, 300), repeat=None)
    actions.make_default(policy=gone, actor=None, now=duty.now)
    duty.world.eng.is_active = False
    duty.world.eng.save()
    page = duty.page()
    for second in range(0, 901, 5):
        engine.process_due(duty.now + timedelta(seconds=second))
    page = Page.objects.get(pk=page.pk)
    assert page.firings == 31, "half a minute between rounds, not a second"
    Page.objects.filter(pk=page.pk).update(round=30_000)
    engine.process_due(duty.now + timedelta(hours=2))
    assert Page.objects.get(pk=page.pk).round == 30_000


def test_of_two_who_change_a_policy_the_second_is_told(duty: Duty) -> None:
    policy = EscalationPolicy.objects.get()
    client = duty.world.client("ada")
    path, form = f"/oncall/policies/{policy.ref}", form_of(duty, name="Default", version="1")
    assert client.post(path, form).status_code == 302
    answer = client.post(path, form | {"repeat": "1"})
    assert answer.status_code == 400 and "Somebody has changed this policy meanwhile" in answer.content.decode()


def test_it_rejects_what_no_policy_can_say(duty: Duty) -> None:
    with pytest.raises(Refused, match="There is a policy called “Default” already"):
        make_policy(duty, "Other", (duty.backup, 300))
        other = EscalationPolicy.objects.get(name="Other")
        actions.save_policy(policy=other, name="Default", steps=[(duty.backup, 300)], actor=None, now=duty.now)
    with pytest.raises(Refused, match="Name a customer or a severity"):
        actions.save_rule(
            customer=None, severity="", policy=EscalationPolicy.objects.all()[0], actor=None, now=duty.now
        )
    with pytest.raises(Refused, match="red or a warning"):
        actions.save_rule(
            customer=None, severity="P1", policy=EscalationPolicy.objects.all()[0], actor=None, now=duty.now
        )
    assert not PolicyRule.objects.exists()


def test_saving_warns_about_a_ladder_that_a_step_would_cut_off(duty: Duty) -> None:
    contact = duty.hook(duty.world.ada, "https://hooks.example.com/ada")
    notify.set_rung(contact=contact, after_s=150, loudness="", now=duty.now)
    answer = duty.world.client("mei").post("/oncall/policies/new", form_of(duty), follow=True)
    shown = answer.content.decode()
    assert "Step 1 waits 150 s, but Ada’s last way is used 150 s after a page" in shown
    answer = duty.world.client("mei").post("/oncall/policies/new", form_of(duty, name="B", minutes_0="3"), follow=True)
    assert "last way is used" not in answer.content.decode()


def test_reading_is_for_staff_and_changing_for_those_who_manage(duty: Duty) -> None:
    world, ref = duty.world, EscalationPolicy.objects.get().ref
    rule = {"severity": "red", "policy": ref}
    for name in ("agent", "eng"):
        client = world.client(name)
        assert client.get("/oncall/policies").status_code == 200
        assert client.post("/oncall/policies", rule).status_code == 403
        assert client.get(f"/oncall/policies/{ref}").status_code == 403
        for path in ("default", "removal"):
            assert client.post(f"/oncall/policies/{ref}/{path}").status_code == 403
    for name in ("zhao", "viewer", "stranger"):
        client = world.client(name)
        for path in ("/oncall/policies", f"/oncall/policies/{ref}", f"/oncall/policies/{ref}/removal"):
            assert client.post(path, rule).status_code == 404, path
    assert not PolicyRule.objects.exists()
