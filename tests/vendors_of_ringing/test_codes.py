"""A way to be reached is used once its code was entered: by the page, by the API, by nobody who guesses."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from aftercare.kernel.errors import Refused
from aftercare.notify import actions
from aftercare.notify.models import CODE_KIND, ContactMethod, Delivery, State
from tests.api.calling import Program
from tests.vendors_of_ringing.scene import ABROAD, MOBILE, Ringing


def added(ringing: Ringing, name: str = "eng", **more: Any) -> ContactMethod:
    """Somebody adds a phone on their page."""
    form = {"channel": "sms", "address": "138 0000 0001", "after_s": "0", "loudness": ""} | more
    answer = ringing.world.client(name).post("/settings/contacts", form)
    assert answer.status_code == 302, answer.content.decode()
    return ContactMethod.objects.latest("pk")


def code_of(ringing: Ringing, contact: ContactMethod) -> str:
    """What came to the phone."""
    ringing.world.client("eng").post(f"/settings/contacts/{contact.ref}/test")
    ringing.now = timezone.now()
    ringing.run(1)
    said = ringing.aliyun.next().said
    return said["code"]


def test_it_works(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    contact, client = added(ringing), ringing.world.client("eng")
    assert (contact.address, contact.verified) == (MOBILE, False)
    code = code_of(ringing, contact)
    assert re.fullmatch(r"\d{6}", code)
    assert "Enter the code" in client.get("/settings/contacts").content.decode()
    client.post(f"/settings/contacts/{contact.ref}/code", {"code": f"{code[:3]} {code[3:]}"})
    contact.refresh_from_db()
    assert contact.verified and not contact.code_hash
    assert "Enter the code" not in client.get("/settings/contacts").content.decode()


@pytest.mark.parametrize(
    ("kind", "vendor"), [("voice:aliyun", "aliyun"), ("voice:tencent", "tencent"), ("sms:tencent", "tencent")]
)
def test_a_code_goes_by_every_vendor(ringing: Ringing, kind: str, vendor: str) -> None:
    ringing.account(kind)
    contact = ringing.contact(kind.partition(":")[0], verified=False)
    actions.send_code(contact=contact, now=ringing.now)
    ringing.run()
    said = getattr(ringing, vendor).next().said
    code = said if isinstance(said, str) else next(iter(said.values())) if isinstance(said, dict) else said[0]
    actions.confirm_by_code(contact=contact, typed=code, now=ringing.now)


@pytest.mark.parametrize("kind", ["sms:twilio", "voice:twilio"])
def test_a_code_is_read_out_digit_by_digit(ringing: Ringing, kind: str) -> None:
    ringing.account(kind)
    contact = ringing.contact(kind.partition(":")[0], ABROAD, verified=False)
    actions.send_code(contact=contact, now=ringing.now)
    ringing.run()
    said = ringing.twilio.next().said
    code = "".join(re.findall(r"\d", re.sub(r"<[^>]*>", "", said)))[:6]
    actions.confirm_by_code(contact=contact, typed=code, now=ringing.now)
    contact.refresh_from_db()
    assert contact.verified and "Gather" not in said


def test_the_code_stands_on_no_page(ringing: Ringing) -> None:
    """Whoever sits at the console could else confirm a number that is not theirs."""
    ringing.account("sms:aliyun")
    contact, client = added(ringing), ringing.world.client("eng")
    client.post(f"/settings/contacts/{contact.ref}/test")
    code = Delivery.objects.get(kind=CODE_KIND).secret_url
    ringing.now = timezone.now()
    for _when in ("before", "after"):
        for path in ("/settings/contacts", "/settings/contacts/rows", "/notifications"):
            assert code not in client.get(path).content.decode(), path
        ringing.run(1)
    ringing.aliyun.next()
    row = Delivery.objects.get(kind=CODE_KIND)
    assert row.secret_url == "" and code not in f"{row.title}{row.body}{row.data}"
    contact.refresh_from_db()
    assert code not in contact.code_hash


def test_five_wrong_tries_end_it(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    contact = added(ringing)
    code = code_of(ringing, contact)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _try in range(5):
        with pytest.raises(Refused, match="not the code"):
            actions.confirm_by_code(contact=contact, typed=wrong, now=timezone.now())
    with pytest.raises(Refused, match="too often"):
        actions.confirm_by_code(contact=contact, typed=code, now=timezone.now())
    contact.refresh_from_db()
    assert not contact.verified and contact.code_tries == 5, "each wrong try is kept"


def test_ten_minutes_end_it(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    contact = added(ringing)
    code = code_of(ringing, contact)
    with pytest.raises(Refused, match="is over"):
        actions.confirm_by_code(contact=contact, typed=code, now=timezone.now() + timedelta(minutes=11))


def test_a_code_is_for_one_address(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    contact = added(ringing)
    code = code_of(ringing, contact)
    other = added(ringing, address="13900000002")
    with pytest.raises(Refused):
        actions.confirm_by_code(contact=other, typed=code, now=timezone.now())
    ContactMethod.objects.filter(pk=contact.pk).update(address="+8613700000003")
    with pytest.raises(Refused):
        actions.confirm_by_code(contact=contact, typed=code, now=timezone.now())


def test_codes_to_one_number_are_few_whoever_asks(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    mine, theirs = (
        ringing.contact("sms", verified=False),
        ringing.contact("sms", user=ringing.world.mei, verified=False),
    )
    actions.send_code(contact=mine, now=ringing.now)
    for contact in (mine, theirs):
        with pytest.raises(Refused, match="Too many"):
            actions.send_code(contact=contact, now=ringing.now + timedelta(seconds=59))
    for hour in range(10):
        for minute in range(6):
            now = ringing.now + timedelta(hours=hour, minutes=2 + 2 * minute)
            try:
                actions.send_code(contact=(mine, theirs)[minute % 2], now=now)
            except Refused:
                continue
    assert Delivery.objects.filter(kind=CODE_KIND).count() == 10
    assert Delivery.objects.filter(kind=CODE_KIND, state=State.PENDING).count() <= 2, "the older ones are taken back"


@pytest.mark.parametrize("name", ["zhao", "stranger"])
def test_customers_people_are_not_called_at_the_providers_cost(ringing: Ringing, name: str) -> None:
    ringing.account("sms:aliyun")
    client = ringing.world.client(name)
    form = {"channel": "sms", "address": MOBILE, "after_s": "0"}
    assert client.post("/settings/contacts", form).status_code == 400
    assert "Add a phone" not in client.get("/settings/contacts").content.decode()
    answer = Program(ringing.world, ringing.world.people[name]).client.post(
        "/api/v1/contacts", {"channel": "sms", "address": MOBILE}, content_type="application/json"
    )
    assert answer.status_code == 409 and not ContactMethod.objects.exists()


@pytest.mark.parametrize("name", ["mei", "stranger", "viewer"])
def test_somebody_elses_code_is_not_asked_for(ringing: Ringing, name: str) -> None:
    ringing.account("sms:aliyun")
    contact = ringing.contact("sms", verified=False)
    assert ringing.world.client(name).post(f"/settings/contacts/{contact.ref}/code", {"code": "1"}).status_code == 404


def test_a_number_that_no_account_reaches_is_refused_at_once(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    form = {"channel": "sms", "address": ABROAD, "after_s": "0"}
    answer = ringing.world.client("eng").post("/settings/contacts", form)
    assert answer.status_code == 400 and "No account with a vendor" in answer.content.decode()


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("sms", "12345"),
        ("sms", "+86 10 1234 5678"),
        ("sms", "+861280000000"),
        ("sms", "+8613800000001;+1"),
        ("sms", "１３８０００００００１"),
        ("voice", "+0123456789"),
        ("telegram", "-1001"),
        ("telegram", "@lin"),
        ("wecom", "@all"),
        ("wecom", "a|b"),
        ("slack", "C123456"),
        ("slack", "here"),
        ("feishu", "oc_group"),
        ("feishu", "all"),
        ("dingtalk", "a,b"),
    ],
)
def test_addresses_that_are_none_or_many_are_refused(ringing: Ringing, channel: str, address: str) -> None:
    with pytest.raises(Refused):
        actions.add_contact(user=ringing.world.eng, channel=channel, address=address, now=ringing.now)


def test_the_ladder_is_saved_as_a_whole_and_warned_of(ringing: Ringing, duty: Any) -> None:
    ringing.account("sms:aliyun")
    ringing.account("voice:aliyun")
    sms, call = ringing.contact("sms"), ringing.contact("voice")
    client = ringing.world.client("eng")
    form = {f"after_{sms.ref}": "60", f"after_{call.ref}": "120"}
    assert client.post("/settings/contacts/ladder", form).status_code == 302
    assert list(ContactMethod.objects.values_list("channel", "after_s")) == [("sms", 60), ("voice", 120)]
    assert "before your ladder ends" not in client.get("/settings/contacts").content.decode()
    wrong = client.post("/settings/contacts/ladder", form | {f"after_{sms.ref}": "5", f"after_{call.ref}": "9999"})
    assert wrong.status_code == 400
    assert list(ContactMethod.objects.values_list("after_s", flat=True)) == [60, 120], "all or nothing"
    client.post("/settings/contacts/ladder", form | {f"after_{call.ref}": "300"})
    assert "next person is woken after 300 s" in client.get("/settings/contacts").content.decode()


def test_the_api_does_what_the_page_does(ringing: Ringing) -> None:
    ringing.account("sms:aliyun")
    program = Program(ringing.world, ringing.world.eng).client
    json: dict[str, Any] = {"content_type": "application/json"}
    made = program.post("/api/v1/contacts", {"channel": "sms", "address": MOBILE, "after_s": 60}, **json)
    assert made.status_code == 201
    told = made.json()
    assert (told["address"], told["after_s"], told["verified"]) == (MOBILE, 60, False)
    path = f"/api/v1/contacts/{told['ref']}"
    assert program.post(f"{path}/test", {}, **json).status_code == 204
    assert program.post(f"{path}/test", {}, **json).status_code == 409, "once a minute"
    ringing.now = timezone.now()
    ringing.run(1)
    code = ringing.aliyun.next().said["code"]
    assert program.post(f"{path}/code", {"code": f"{(int(code) + 1) % 10**6:06}"}, **json).status_code == 409
    assert program.post(f"{path}/code", {"code": code}, **json).json()["verified"] is True
    changed = program.put(path, {"enabled": False, "after_s": 120, "loudness": ""}, **json).json()
    assert (changed["enabled"], changed["after_s"]) == (False, 120)
    assert program.put(path, {"enabled": True, "loudness": "phone"}, **json).status_code == 409
    assert [one["ref"] for one in program.get("/api/v1/contacts").json()] == [told["ref"]]
    assert program.delete(path).status_code == 204
    assert Program(ringing.world, ringing.world.mei).client.get("/api/v1/contacts").json() == []
