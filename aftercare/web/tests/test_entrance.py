"""Sign-in and its neighbours look like ours, in both languages."""

import pytest


@pytest.mark.parametrize(("language", "word"), [("en", "Sign in"), ("zh-CN", "登录")])
def test_sign_in(db, client, language, word):
    html = client.get("/accounts/login/", headers={"accept-language": language}).content.decode()
    assert 'class="bare-card"' in html
    assert f"<title>{word} · Aftercare</title>" in html
    assert 'id="passkey_login"' in html


def test_a_wrong_password_is_told_in_words(world, client):
    response = client.post("/accounts/login/", {"login": "ada@provider.example", "password": "wrong"})
    assert 'class="form-error"' in response.content.decode()


def test_password_reset(db, client):
    assert 'class="bare-card"' in client.get("/accounts/password/reset/").content.decode()


def test_second_factors_are_inside_the_frame(world):
    html = world.client("ada").get("/accounts/2fa/").content.decode()
    assert 'class="rail"' in html
    assert "card panel" in html
