"""Static files come out of the packages, and browsers keep them by their content."""

import pytest
from django.templatetags.static import static


def test_it_works(client):
    address = static("web/vendor/htmx/htmx.min.js")
    assert "?v=" in address
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_address_without_its_version_is_checked_again(client):
    response = client.get("/static/web/icon.svg")
    assert response["Cache-Control"] == "no-cache"
    assert response["Content-Type"] == "image/svg+xml"
    again = client.get("/static/web/icon.svg", headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_librarys_files_are_served_too(client):
    assert client.get(static("mfa/js/webauthn.js")).status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing.js", "../settings.py", "..%2f..%2fsettings.py", "web/../../settings.py", "/etc/passwd", "web/css"]
)
def test_rejects_what_is_no_static_file(client, db, path):
    assert client.get(f"/static/{path}").status_code == 404


def test_nobody_is_looked_up_for_a_file(world, django_assert_num_queries):
    client = world.client("zhao")
    with django_assert_num_queries(0):
        client.get("/static/web/icon.svg")
