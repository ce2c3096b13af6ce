"""All styles and scripts in one file each, kept by browsers for ever."""

import gzip

import pytest

from aftercare.web import assets


@pytest.mark.parametrize("name", [assets.STYLES, assets.SCRIPTS])
def test_it_works(client, name):
    response = client.get(assets.url_of(name))
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Type"] == assets.KINDS[name]
    assert "Accept-Encoding" in response["Vary"]


def test_it_is_compressed_and_small(client):
    total = 0
    for name in (assets.STYLES, assets.SCRIPTS):
        response = client.get(assets.url_of(name), headers={"accept-encoding": "gzip, br"})
        assert response["Content-Encoding"] == "gzip"
        assert gzip.decompress(response.content) == assets.bundle(name).plain
        total += len(response.content)
    # A page on the phone must arrive over one bar of signal.
    assert total < 24_000


def test_an_old_address_still_answers_but_is_not_kept(client):
    response = client.get("/assets/0000/aftercare.css")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


def test_rejects_other_names(client):
    assert client.get("/assets/0000/settings.py").status_code == 404


def test_tokens_and_the_core_come_first():
    assert assets.bundle(assets.STYLES).plain.startswith(b"/* Design tokens")
    assert b"window.aftercare = {" in assets.bundle(assets.SCRIPTS).plain[:800]
