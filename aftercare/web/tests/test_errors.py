"""What went wrong, what it means, what to do: in the reader's language."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from aftercare.web import errors


def test_404_offers_sign_in_to_somebody_signed_out(db, client):
    response = client.get("/nowhere?x=1")
    assert response.status_code == 404
    page = response.content.decode()
    assert "There is nothing at this address" in page
    assert "/accounts/login/?next=/nowhere%3Fx%3D1" in page


def test_404_keeps_the_frame_for_somebody_signed_in(world):
    response = world.client("zhao").get("/nowhere")
    assert response.status_code == 404
    assert 'class="rail"' in response.content.decode()


def test_404_in_chinese(db, client):
    assert "页面不存在" in client.get("/nowhere", headers={"accept-language": "zh-CN"}).content.decode()


@pytest.mark.parametrize(("view", "status"), [("bad_request", 400), ("forbidden", 403), ("not_found", 404)])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_has_a_way_on(world, view, status, language):
    request = RequestFactory().get("/x")
    request.user = world.zhao
    with translation.override(language):
        response = getattr(errors, view)(request, Exception())
    assert response.status_code == status
    assert "button-primary" in response.content.decode()


def test_500_needs_no_request_and_no_database(rf):
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_a_stale_form_says_so(db):
    response = Client(enforce_csrf_checks=True).post("/preferences", {"theme": "dark"})
    assert response.status_code == 403
    assert "This form was open too long" in response.content.decode()
