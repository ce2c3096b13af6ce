"""Passkeys in a real browser with a virtual authenticator: made on the security page, used instead of a password."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from aftercare.audit.models import Entry
from tests.world import PASSWORD, World

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, which Django would take for an asynchronous context.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def with_authenticator(context: BrowserContext) -> Page:
    """A page whose machine has a built-in authenticator that says yes."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


@pytest.mark.django_db(transaction=True)
def test_it_works(live_server: Any, world: World, browser: Browser) -> None:
    cache.clear()
    home = live_server.url.replace("127.0.0.1", "localhost")
    context = browser.new_context()
    # The test server keeps a thread for each event stream, for which the whole run would wait at its end.
    context.route("**/events*", lambda route: route.abort())
    page = with_authenticator(context)
    page.goto(f"{home}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.fill("[name=login]", world.zhao.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/reauthenticate/**")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/webauthn/add/")
    page.fill("[name=name]", "Laptop")
    if page.locator("[name=passwordless]").count():
        page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    assert Authenticator.objects.filter(user=world.zhao, type="webauthn").count() == 1
    assert Entry.objects.filter(action="person.factor_add", subject=world.zhao.ref).exists()

    context.clear_cookies()
    page.goto(f"{home}/me")
    page.wait_for_url("**/accounts/login/**")
    page.click("#passkey_login")
    page.wait_for_url(f"{home}/me")
    expect(page.locator("h1")).to_have_text("My settings")
    assert Entry.objects.filter(action="person.sign_in", subject=world.zhao.ref).count() == 2
