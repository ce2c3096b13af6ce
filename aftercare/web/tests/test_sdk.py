"""The SDK's address: for pages of any origin, asked about again after a while, and nothing else beside it."""

import gzip
from pathlib import Path

import pytest

SDK = Path(__file__).parents[3] / "sdk"


@pytest.mark.parametrize("name", ["aftercare.js", "aftercare.classic.js"])
def test_it_works(client, name):
    response = client.get(f"/sdk/{name}", headers={"origin": "https://customer.example", "accept-encoding": "gzip"})
    assert response.status_code == 200
    assert gzip.decompress(response.content) == (SDK / name).read_bytes()
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Cache-Control"] == "public, max-age=600, stale-while-revalidate=86400"
    assert not response.cookies


def test_what_a_browser_has_is_not_sent_again(client):
    etag = client.get("/sdk/aftercare.js")["ETag"]
    again = client.get("/sdk/aftercare.js", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Access-Control-Allow-Origin"]) == (etag, "*")
    assert client.get("/sdk/aftercare.js", headers={"if-none-match": '"older"'}).status_code == 200


def test_a_version_in_the_address_is_kept_for_a_year(client):
    digest = client.get("/sdk/aftercare.js")["ETag"].strip('W/"')
    assert "immutable" in client.get(f"/sdk/aftercare.js?v={digest}")["Cache-Control"]
    assert client.get("/sdk/aftercare.js?v=older")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["", "README.md", "package.json", "../aftercare.js", "miniprogram/aftercare.js", "x.js"]
)
def test_rejects_what_is_not_the_sdk(client, db, path):
    assert client.get(f"/sdk/{path}").status_code == 404
