"""Pages in their reader's language, zone and theme, under a strict policy."""

from datetime import UTC

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.utils import timezone, translation

from aftercare.kernel.errors import Refused
from aftercare.web.middleware import CONTENT_SECURITY_POLICY, ReaderMiddleware
from aftercare.web.reader import zone_of


class Person:
    is_authenticated = True
    language = "zh-hans"
    timezone = "Asia/Shanghai"
    theme = "dark"

    def __init__(self, **fields: str) -> None:
        vars(self).update(fields)


def answer(request):
    seen = f"{translation.get_language()} {timezone.get_current_timezone_name()} {request.theme}"
    return HttpResponse(seen)


def asked(person: Person, **cookies: str):
    request = RequestFactory().get("/")
    request.user = person
    request.COOKIES.update(cookies)
    with translation.override("en"):
        return ReaderMiddleware(answer)(request)


def test_it_works():
    response = asked(Person())
    assert response.content.decode() == "zh-hans Asia/Shanghai dark"
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "camera=()" in response["Permissions-Policy"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_policy_forbids_inline():
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    for part in ("default-src 'self'", "style-src 'self'", "worker-src 'self' blob:", "frame-ancestors 'none'"):
        assert part in CONTENT_SECURITY_POLICY


def test_keeps_a_policy_that_a_view_has_set():
    request = RequestFactory().get("/")
    request.user = Person()
    mine = HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})
    assert ReaderMiddleware(lambda _request: mine)(request)["Content-Security-Policy"] == "default-src 'none'"


async def alone(request):
    return answer(request)


def test_it_works_asynchronously():
    from asgiref.sync import async_to_sync

    request = AsyncRequestFactory().get("/")

    async def auser():
        return Person()

    request.auser = auser
    response = async_to_sync(ReaderMiddleware(alone))(request)
    assert response.content.decode() == "zh-hans Asia/Shanghai dark"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "\x00"])
def test_handles_zones_that_do_not_exist(name):
    request = RequestFactory().get("/")
    request.COOKIES["aftercare_tz"] = name
    assert zone_of(Person(timezone=name), request) is UTC


def test_handles_languages_and_themes_that_do_not_exist():
    assert asked(Person(language="xx", theme="pink")).content.decode() == "en Asia/Shanghai auto"


def test_the_browsers_zone_serves_who_has_none():
    assert "Europe/Paris" in asked(Person(timezone=""), aftercare_tz="Europe/Paris").content.decode()


def test_a_refusal_that_nobody_caught_is_a_page(rf):
    request = rf.get("/")
    request.user = type("Visitor", (), {"is_authenticated": False})()
    response = ReaderMiddleware(answer).process_exception(request, Refused("The key is revoked."))
    assert response.status_code == 400
    assert "The key is revoked." in response.content.decode()
    assert ReaderMiddleware(answer).process_exception(request, ValueError()) is None
