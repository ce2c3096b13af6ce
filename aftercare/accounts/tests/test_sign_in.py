"""Signing in: password, throttling, second factor, and what does not exist."""

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from aftercare.audit.models import Entry
from tests.world import PASSWORD, World

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def totp_code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_it_works(world: World) -> None:
    client = Client()
    assert client.get(LOGIN).status_code == 200
    response = sign_in(client, "ZHAO@starlight.example")
    assert (response.status_code, response.url) == (302, "/")
    assert is_in(client)
    row = Entry.objects.get(action="person.sign_in")
    assert (row.subject, row.customer_id, row.detail) == (world.zhao.ref, world.show.pk, {"by": ["password"]})


def test_signing_out_takes_a_post(world: World) -> None:
    client = Client()
    sign_in(client, world.zhao.email)
    client.get("/accounts/logout/")
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_wrong_password_and_unknown_address_sound_the_same(world: World) -> None:
    wrong = sign_in(Client(), world.zhao.email, "not it at all")
    unknown = sign_in(Client(), "nobody@starlight.example", "not it at all")
    said = [r.context["form"].non_field_errors() for r in (wrong, unknown)]
    assert said[0] and said[0] == said[1]
    row = Entry.objects.get(action="person.sign_in_failed")
    assert (row.subject, row.actor_id) == (world.zhao.ref, None)


def test_rejects_the_deactivated(world: World) -> None:
    world.viewer.is_active = False
    world.viewer.save()
    client = Client()
    sign_in(client, world.viewer.email)
    assert not is_in(client)


def test_is_throttled(world: World) -> None:
    cache.clear()
    for _ in range(5):
        sign_in(Client(), world.zhao.email, "a wrong guess")
    refused = sign_in(Client(), world.zhao.email)
    assert "many" in str(refused.context["form"].non_field_errors())
    other = Client()
    sign_in(other, world.mei.email)
    assert is_in(other)


@pytest.mark.parametrize(
    "path",
    ["signup/", "signup/passkey/", "2fa/webauthn/signup/", "email/", "3rdparty/signup/"],
)
def test_people_do_not_make_or_rename_themselves(world: World, path: str) -> None:
    for client in (Client(), world.client("zhao")):
        assert client.get(f"/accounts/{path}").status_code == 404
        facts = {"email": "new@x.example", "password1": "tall green lantern 42"}
        assert client.post(f"/accounts/{path}", facts).status_code == 404


def test_totp(world: World, django_capture_on_commit_callbacks: Any) -> None:
    client = Client()
    sign_in(client, world.mei.email)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)}).status_code == 302
    assert Authenticator.objects.filter(user=world.mei, type="totp").exists()
    assert Entry.objects.filter(action="person.factor_add", subject=world.mei.ref, detail={"type": "totp"}).exists()
    cache.clear()
    second = Client()
    response = sign_in(second, world.mei.email)
    assert response.url.startswith(reverse("mfa_authenticate"))
    assert not is_in(second)
    wrong = second.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200 and not is_in(second)
    second.post(reverse("mfa_authenticate"), {"code": totp_code(secret)})
    assert is_in(second)
    assert Entry.objects.filter(action="person.sign_in", subject=world.mei.ref).first().detail == {
        "by": ["password", "mfa"]
    }
    assert secret not in str(Authenticator.objects.get(user=world.mei, type="totp").data)


def test_lost_factors_are_taken_away_by_whoever_manages_the_person(world: World) -> None:
    TOTP.activate(world.developer, generate_totp_secret())
    url = reverse("accounts:factor_reset", args=[world.developer.ref])
    page = reverse("accounts:person", args=[world.developer.ref])
    assert url in world.client("zhao").get(page).content.decode()
    assert url not in world.client("viewer").get(page).content.decode()
    world.client("zhao").post(url)
    assert not Authenticator.objects.filter(user=world.developer).exists()
    assert Entry.objects.get(action="person.factor_remove").actor_name == "Zhao"


def test_security_pages_open(world: World) -> None:
    client = Client()
    sign_in(client, world.zhao.email)
    for name in (
        "mfa_index",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_change_password",
        "account_reset_password",
    ):
        response = client.get(reverse(name))
        assert response.status_code in (200, 302), name
        if response.status_code == 302:
            assert "reauthenticate" in response.url or response.url == reverse("mfa_index"), name


def test_a_person_proves_the_password_again(world: World) -> None:
    client = world.client("zhao")
    url = reverse("mfa_activate_totp")
    response = client.get(url)
    assert response.status_code == 302 and "reauthenticate" in response.url
    again = client.post(response.url, {"password": "not it"})
    assert again.status_code == 200
    assert client.post(response.url, {"password": PASSWORD}).url == url
    assert client.get(url).status_code == 200


def test_password_is_changed(world: World) -> None:
    client = Client()
    sign_in(client, world.zhao.email)
    new = "tall green lantern 42"
    facts = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), facts).status_code == 302
    world.zhao.refresh_from_db()
    assert world.zhao.check_password(new)
    assert Entry.objects.filter(action="person.password", subject=world.zhao.ref).exists()


def test_password_is_reset_by_letter(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    cache.clear()
    client = Client()
    client.post(reverse("account_reset_password"), {"email": world.zhao.email})
    assert [letter.to for letter in mail.outbox] == [[world.zhao.email]]
    client.post(reverse("account_reset_password"), {"email": "nobody@starlight.example"})
    assert all(letter.to != ["zhao"] for letter in mail.outbox)


def test_without_a_mail_server_nobody_waits(world: World) -> None:
    cache.clear()
    response = Client().post(reverse("account_reset_password"), {"email": world.zhao.email})
    assert response.status_code == 302
    assert mail.outbox == []


def test_secrets_of_totp_are_not_kept_in_the_clear(world: World) -> None:
    secret = generate_totp_secret()
    assert get_adapter().encrypt(secret) != secret
    assert get_adapter().decrypt(get_adapter().encrypt(secret)) == secret


def test_fewer_hops_than_proxies_is_an_answer_and_no_error(world: World, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    facts = {"login": world.ada.email, "password": "wrong"}
    answer = Client().post("/accounts/login/", facts, headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 200
