"""The switches of language and theme."""

import pytest

HERE = "/preferences"


def test_it_works(world):
    client = world.client("zhao")
    response = client.post(HERE, {"language": "zh-hans", "next": "/design"})
    assert (response.status_code, response["Location"]) == (302, "/design")
    client.post(HERE, {"theme": "dark"})
    world.zhao.refresh_from_db()
    assert (world.zhao.language, world.zhao.theme) == ("zh-hans", "dark")
    assert 'data-theme="dark"' in client.get("/nowhere").content.decode()


def test_somebody_signed_out_keeps_them_in_cookies(db, client):
    client.post(HERE, {"language": "zh-hans", "theme": "light"})
    page = client.get("/accounts/login/").content.decode()
    assert 'lang="zh-Hans" data-theme="light"' in page
    assert "登录" in page


def test_rejects_what_does_not_exist(world):
    world.client("zhao").post(HERE, {"language": "tlh", "theme": "pink"})
    world.zhao.refresh_from_db()
    assert (world.zhao.language, world.zhao.theme) == ("en", "auto")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_never_leads_away(db, client, target):
    assert client.post(HERE, {"theme": "dark", "next": target})["Location"] == "/"


def test_scripts_get_no_page(db, client):
    response = client.post(HERE, {"theme": "dark"}, headers={"accept": "application/json"})
    assert response.status_code == 204
    assert response.cookies["aftercare_theme"].value == "dark"


def test_requires_post(db, client):
    assert client.get(HERE).status_code == 405


def test_a_read_only_member_may_choose_too(world):
    world.client("viewer").post(HERE, {"theme": "light"})
    world.viewer.refresh_from_db()
    assert world.viewer.theme == "light"
