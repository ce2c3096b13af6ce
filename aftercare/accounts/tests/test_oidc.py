"""Signing in by an outside issuer: whom we know already, by verified address, and nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from aftercare.accounts.models import User
from aftercare.accounts.tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, IssuerServer
from aftercare.audit.models import Entry
from aftercare.kernel.config import read_config
from tests.world import World


@pytest.fixture
def issuer(world: World, settings: Any, tmp_path: Any) -> Iterator[Issuer]:
    server = IssuerServer()
    environ = {
        "AFTERCARE_DATA": str(tmp_path),
        "AFTERCARE_OIDC_ISSUER": server.issuer.url,
        "AFTERCARE_OIDC_CLIENT_ID": CLIENT_ID,
        "AFTERCARE_OIDC_SECRET": CLIENT_SECRET,
    }
    settings.SOCIALACCOUNT_PROVIDERS = read_config(environ).oidc_providers
    cache.clear()
    server.issuer.claims = {"sub": "s-1", "email": world.zhao.email, "email_verified": True, "name": "Zhao"}
    yield server.issuer
    server.shutdown()
    server.server_close()


def sign_in(issuer: Issuer, client: Client) -> Any:
    """The whole way: our button, the issuer, our callback. The callback's answer."""
    started = client.post(reverse("openid_connect_login", args=["oidc"]))
    assert started.status_code == 302
    return client.get(issuer.authorize(started.url))


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def test_it_works(issuer: Issuer, world: World) -> None:
    client = Client()
    assert "Single sign-on" in client.get(reverse("account_login")).content.decode()
    response = sign_in(issuer, client)
    assert (response.status_code, response.url) == (302, "/")
    assert is_in(client)
    account = SocialAccount.objects.get()
    assert (account.user, account.uid) == (world.zhao, "s-1")
    assert Entry.objects.get(action="person.sign_in").detail == {"by": ["socialaccount"]}
    again = Client()
    sign_in(issuer, again)
    assert is_in(again)
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": "nobody@starlight.example"},
        {"email": ""},
    ],
)
def test_rejects(issuer: Issuer, world: World, changes: dict[str, Any]) -> None:
    issuer.claims |= changes
    client = Client()
    response = sign_in(issuer, client)
    assert (response.status_code, response.url) == (302, reverse("account_login"))
    assert "nobody here has that verified e-mail" in client.get(response.url).content.decode()
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == len(world.people)


def test_rejects_the_deactivated(issuer: Issuer, world: World) -> None:
    sign_in(issuer, Client())
    User.objects.filter(pk=world.zhao.pk).update(is_active=False)
    client = Client()
    sign_in(issuer, client)
    assert not is_in(client)


def test_an_address_that_moves_on_takes_nobody_along(issuer: Issuer, world: World) -> None:
    sign_in(issuer, Client())
    issuer.claims["sub"] = "s-2"
    newcomer = Client()
    sign_in(issuer, newcomer)
    assert not is_in(newcomer)
    issuer.claims |= {"sub": "s-1", "email": world.viewer.email}
    renamed = Client()
    sign_in(issuer, renamed)
    assert not is_in(renamed)
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("changes", [{"iss": "https://elsewhere.example"}, {"aud": "somebody-else"}, {"exp": 1}])
def test_rejects_tokens_for_others(issuer: Issuer, world: World, changes: dict[str, Any]) -> None:
    issuer.id_token_changes = changes
    client = Client()
    sign_in(issuer, client)
    assert not is_in(client)


def test_rejects_a_state_of_another_browser(issuer: Issuer, world: World) -> None:
    started = Client().post(reverse("openid_connect_login", args=["oidc"]))
    victim = Client()
    victim.get(issuer.authorize(started.url))
    assert not is_in(victim)


def test_a_code_works_once(issuer: Issuer, world: World) -> None:
    client = Client()
    started = client.post(reverse("openid_connect_login", args=["oidc"]))
    back = issuer.authorize(started.url)
    client.get(back)
    assert is_in(client)
    other = Client()
    other.get(back)
    assert not is_in(other)


def test_a_second_factor_is_still_asked_for(issuer: Issuer, world: World) -> None:
    TOTP.activate(world.zhao, generate_totp_secret())
    client = Client()
    response = sign_in(issuer, client)
    assert response.url.startswith(reverse("mfa_authenticate"))
    assert not is_in(client)


def test_somebody_signed_in_cannot_bind_anothers_identity(issuer: Issuer, world: World) -> None:
    client = world.client("viewer")
    started = client.post(reverse("openid_connect_login", args=["oidc"]) + "?process=connect")
    client.get(issuer.authorize(started.url))
    assert not SocialAccount.objects.exists()


def test_without_the_setting_there_is_no_button(world: World) -> None:
    assert "Single sign-on" not in Client().get(reverse("account_login")).content.decode()
    assert Client().post(reverse("openid_connect_login", args=["oidc"])).status_code == 404
