"""The status page stands with every engine stopped: files on a disk, which any web server serves."""

import base64
import functools
import hashlib
import http.client
import http.server
import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aftercare.incidents import actions
from aftercare.incidents.models import Incident, StatusPage
from aftercare.incidents.status import engine, keeping, writing
from aftercare.incidents.status.addresses import folder_of, path_of
from aftercare.incidents.status.publishing import PublicTitle
from aftercare.incidents.telling.posting import post_update
from tests.world import World

TITLE = PublicTitle("Playback is disturbed in Shanghai", "上海播放异常")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """The pages' folder."""
    settings.STATUS_DIR = tmp_path / "status"
    settings.STATUS_DIR.mkdir()
    return settings.STATUS_DIR


@pytest.fixture
def pages(world: World) -> World:
    """The public page, and one of each customer."""
    facts = keeping.PublicFacts("Provider", "服务商", "Asia/Shanghai")
    keeping.save_public(facts=facts, actor=world.ada, now=world.now)
    for customer in (world.show, world.social):
        keeping.open_private(customer=customer, actor=world.ada, now=world.now)
    engine.process_due(world.now)
    return world


def declared(world: World) -> Incident:
    facts = {
        "title": "Edges of Shanghai drop",
        "title_zh": "上海节点异常",
        "severity": "red",
        "wakes": False,
        "token": "a" * 32,
    }
    return actions.declare_incident(**facts, customers=[world.show], tickets=[], actor=world.ada, now=world.now)


def told(world: World, incident: Incident, n: int = 1, public: PublicTitle | None = None) -> None:
    post_update(
        incident=incident,
        author=world.ada,
        stage="investigating",
        body=f"We look into it <b>{n}</b>.",
        body_zh=f"正在排查 {n}。",
        next_within=timedelta(minutes=30),
        token=f"{n:032x}",
        public=public,
        now=world.now,
    )
    engine.process_due(world.now)


def read(page: StatusPage, name: str = "en.html") -> str:
    return (folder_of(page) / name).read_text()


def page_of(world: World, whose: Any) -> StatusPage:
    return StatusPage.objects.select_related("customer").get(customer=whose)


@pytest.fixture
def plain_server(folder: Path) -> Iterator[int]:
    """A web server that knows nothing of Aftercare."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def test_it_stands_without_aftercare(pages: World, plain_server: int) -> None:
    told(pages, declared(pages), public=TITLE)
    asked = http.client.HTTPConnection("127.0.0.1", plain_server)
    asked.request("GET", "/public/en.html")
    page = asked.getresponse().read().decode()
    assert "Playback is disturbed in Shanghai" in page and "We look into it &lt;b&gt;1&lt;/b&gt;." in page
    assert "There is an outage" in page and "<script" not in page and len(page.encode()) < 30_000
    asked.request("GET", "/public/index.html")
    assert "上海播放异常" in asked.getresponse().read().decode()
    asked.request("GET", "/public/status.json")
    assert "Playback is disturbed in Shanghai" in json.dumps(json.loads(asked.getresponse().read()))


def test_the_public_page_written_by_itself_shows_it_still(pages: World) -> None:
    told(pages, declared(pages), public=TITLE)
    public = page_of(pages, None)
    StatusPage.objects.exclude(pk=public.pk).update(due_at=pages.now + timedelta(days=1))
    engine.process_due(public.due_at)
    assert page_of(pages, None).written_at == public.due_at, "it was its turn alone"
    assert "Playback is disturbed in Shanghai" in read(public) and "There is an outage" in read(public)


def test_aftercare_itself_serves_the_same_files(pages: World, django_assert_num_queries: Any) -> None:
    told(pages, declared(pages), public=TITLE)
    with django_assert_num_queries(0):  # it is asked for most when the database is not there
        answer = Client().get("/status/public/")
    style = re.search(r"<style>(.+)</style>", answer.content.decode(), re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer["Content-Security-Policy"], "its own style is let in"
    assert answer.content.decode() == read(page_of(pages, None), "index.html")
    assert answer["Cache-Control"] == "public, max-age=15" and "sessionid" not in answer.cookies
    assert Client().get("/status/public/en.atom")["Content-Type"].startswith("application/atom+xml")
    for path in ("/status/public/../../settings.py", "/status/p/..%2f..%2f/index.html", "/status/.drafts/left-0"):
        assert Client().get(path).status_code == 404


def test_a_private_page_shows_nothing_of_another_customer(pages: World) -> None:
    told(pages, declared(pages))
    StatusPage.objects.update(due_at=pages.now)
    engine.process_due(pages.now)  # all of them together
    theirs, others = page_of(pages, pages.show), page_of(pages, pages.social)
    assert "Edges of Shanghai drop" in read(theirs) and "We look into it" in read(theirs)
    for name in ("index.html", "en.html", "status.json", "zh.atom", "en.atom"):
        for page in (others, page_of(pages, None)):
            path = folder_of(page) / name
            text = path.read_text() if path.exists() else ""
            assert "Shanghai drop" not in text and "Starlight" not in text and "上海节点" not in text
    for page in (others, page_of(pages, None)):
        assert json.loads(read(page, "status.json"))["incidents"] == [], "not even under a neutral title"
    assert Client().get(path_of(theirs)).status_code == 200
    assert Client().get("/status/p/" + "A" * 22 + "/").status_code == 404


def test_an_address_that_was_taken_back_is_gone_from_the_disk(pages: World) -> None:
    page = page_of(pages, pages.show)
    old = folder_of(page)
    assert (old / "index.html").exists()
    keeping.renew_address(page=page, actor=pages.ada, now=pages.now)
    engine.process_due(pages.now + timedelta(minutes=2))
    assert not old.exists() and (folder_of(page_of(pages, pages.show)) / "index.html").exists()
    keeping.close_page(page=page_of(pages, pages.show), actor=pages.ada, now=pages.now)
    engine.process_due(pages.now + timedelta(minutes=4))
    assert not folder_of(page_of(pages, pages.show)).exists()


def test_an_update_whose_engine_died_is_written_by_the_next(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = declared(pages)
    with monkeypatch.context() as patch:
        patch.setattr("aftercare.incidents.status.files.write_pages", lambda pages: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            told(pages, incident)
    assert "We look into it" not in read(page_of(pages, pages.show)), "the old file stands"
    engine.process_due(pages.now + timedelta(seconds=61))
    assert "We look into it" in read(page_of(pages, pages.show))


def test_a_full_disk_leaves_the_old_page_and_says_so(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = declared(pages)
    with monkeypatch.context() as patch:

        def full(path: str, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr("aftercare.incidents.status.files.write", full)
        told(pages, incident)
    page = page_of(pages, pages.show)
    assert page.error == "No space left on device" and "We look into it" not in read(page)
    assert "No space left on device" in pages.client("ada").get("/status-pages").content.decode()
    engine.process_due(pages.now + timedelta(seconds=31))
    page = page_of(pages, pages.show)
    assert page.error == "" and "We look into it" in read(page)


def test_what_a_crash_left_of_a_write_goes_and_what_is_being_written_stays(pages: World, settings: Any) -> None:
    told(pages, declared(pages), public=TITLE)
    drafts = settings.STATUS_DIR / ".drafts"
    assert drafts.stat().st_mode & 0o777 == 0o700, "no web server reads what is not whole"
    left, fresh = drafts / "left-0", drafts / "fresh-0"
    for draft in (left, fresh):
        draft.write_text("half a page")
    begun = fresh.stat().st_mtime - 301
    os.utime(left, (begun, begun))
    writing.sweep_due()
    assert (left.exists(), fresh.exists()) == (False, True)
    assert Client().get("/status/.drafts/fresh-0").status_code == 404
