"""The style guide, which shows every component."""

import pytest

PATH = "/design"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_works(world, language):
    world.ada.language = language
    world.ada.save()
    page = world.client("ada").get(PATH)
    assert page.status_code == 200
    html = page.content.decode()
    for part in (
        "state-unknown",
        "metric-value",
        "data-chart",
        "table-stack",
        "clock-last",
        "empty-title",
        "trouble-title",
    ):
        assert part in html
    assert "style=" not in html


def test_the_frame_is_around_it(world):
    html = world.client("ada").get(PATH).content.decode()
    assert "<title>Style guide · Aftercare</title>" in html
    assert '<h1 class="page-title">Style guide</h1>' in html
    assert 'id="keys"' in html
    assert 'data-zone="Asia/Shanghai"' in html


def test_it_does_not_exist_for_a_customers_people(world):
    assert world.client("stranger").get(PATH).status_code == 404
    assert world.client("viewer").get(PATH).status_code == 404


def test_the_signed_out_are_asked_to_sign_in(db, client):
    assert client.get(PATH)["Location"].startswith("/accounts/login/")
