"""Files through the front: sent with words, taken back, given out as downloads to those who may read their message."""

import errno
import io
import os
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aftercare.desk import uploads
from aftercare.desk.actions import reply
from aftercare.desk.models import Attachment, Ticket
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def file(name: str, content: bytes = b"words") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def uploaded(client: Client, *sent: SimpleUploadedFile) -> list[dict[str, Any]]:
    answer = client.post("/files", {"files": list(sent)})
    assert answer.status_code == 200
    told: list[dict[str, Any]] = answer.json()["files"]
    return told


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_it_works_without_javascript(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    data = {"body": "The log", "files": [file("player.log"), file("shot.png", PNG)]}
    assert client.post(f"/tickets/{ticket.ref}/messages", data).status_code == 302
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "player.log" in page and "shot.png" in page
    log, shot = Attachment.objects.order_by("pk")
    assert (log.media_type, shot.media_type) == ("text/plain", "image/png")
    answer = world.client("agent").get(f"/files/{log.ref}")
    assert (answer.status_code, content(answer)) == (200, b"words")
    assert answer["Content-Disposition"] == 'attachment; filename="player.log"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Type"] == "application/octet-stream"
    assert world.client("agent").get(f"/files/{shot.ref}")["Content-Type"] == "image/png"


def test_uploaded_first_and_sent_by_reference(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    (told,) = uploaded(client, file("a.log"))
    assert client.get(told["url"]).status_code == 200
    for other in ("agent", "developer", "stranger"):
        assert world.client(other).get(told["url"]).status_code == 404, "unsent files are their sender's"
    client.post(f"/tickets/{ticket.ref}/messages", {"body": "", "file": [told["ref"]]})
    sent = Attachment.objects.get()
    assert sent.message is not None and sent.message.body == ""
    assert world.client("agent").get(told["url"]).status_code == 200
    client.post(f"/tickets/{ticket.ref}/messages", {"body": "again", "file": [told["ref"]]})
    sent.refresh_from_db()
    assert sent.message.body == "", "a file belongs to one message"


def test_a_new_ticket_takes_files(world: World) -> None:
    client = world.client("zhao")
    data = {"title": "Stutters", "severity": "P3", "body": "see file", "files": [file("a.har", b'{"log": {}}')]}
    assert client.post("/tickets/new", data).status_code == 302
    sent = Attachment.objects.get()
    assert sent.message is not None and sent.message.ticket is not None
    assert sent.media_type == "application/har+json"


def test_a_stranger_gets_404_and_a_customer_no_file_of_a_note(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.agent, body="on it", now=world.now)
    world.client("agent").post(
        f"/tickets/{ticket.ref}/messages", {"body": "inside", "internal": "1", "files": [file("secret.log")]}
    )
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "ours", "files": [file("ours.log")]})
    secret, ours = Attachment.objects.order_by("pk")
    for path in (f"/files/{secret.ref}", f"/files/{ours.ref}"):
        assert world.client("stranger").get(path).status_code == 404
        assert world.client().get(path).status_code == 302
        assert world.client("eng").get(path).status_code == 200
    assert world.client("zhao").get(f"/files/{secret.ref}").status_code == 404
    assert "secret.log" not in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()
    assert world.client("viewer").get(f"/files/{ours.ref}").status_code == 200


@pytest.mark.parametrize("ref", ["..%2F..%2Fsecret", "../../secret", "..", "%00", "zzzzzzzzzzzz"])
def test_no_path_leads_out_of_the_folder(world: World, ref: str) -> None:
    assert world.client("zhao").get(f"/files/{ref}").status_code == 404


def test_others_uploads_cannot_be_sent_or_removed(world: World, ticket: Ticket) -> None:
    (theirs,) = uploaded(world.client("stranger"), file("theirs.log"))
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", {"body": "mine now", "file": [theirs["ref"]]})
    assert Attachment.objects.get().message is None
    assert world.client("zhao").post(theirs["discard"]).status_code == 404
    assert world.client("stranger").post(theirs["discard"]).status_code == 204
    assert not Attachment.objects.exists()


def test_a_sent_file_stays(world: World, ticket: Ticket) -> None:
    client = world.client("zhao")
    (told,) = uploaded(client, file("a.log"))
    client.post(f"/tickets/{ticket.ref}/messages", {"body": "x", "file": [told["ref"]]})
    assert client.post(told["discard"]).status_code == 404


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.png", '"><script>alert(1)</script>.html', "a' onmouseover='x.svg"]
)
def test_a_name_is_never_markup(world: World, ticket: Ticket, name: str) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    data = {"body": "x", "files": [file(name, svg)]}
    world.client("zhao").post(f"/tickets/{ticket.ref}/messages", data)
    sent = Attachment.objects.get()
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    for evil in ("<img src=x", "<script>alert", "onmouseover='x"):
        assert evil not in page
    answer = world.client("agent").get(f"/files/{sent.ref}")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer["Content-Disposition"]


def test_what_is_refused_is_told_and_the_words_are_kept(world: World, ticket: Ticket, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 1000
    client = world.client("zhao")
    path = f"/tickets/{ticket.ref}/messages"
    assert client.post(path, {"body": "see video", "files": [file("big.mp4", b"x" * 1001)]}).status_code == 302
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert "big.mp4" in page and "was not kept" in page
    refused = Attachment.objects.get()
    assert world.client("agent").get(f"/files/{refused.ref}").status_code == 404
    answer = client.post(path, {"body": "", "files": [file("big.mp4", b"x" * 1001)]})
    assert answer.status_code == 409, "nothing but a refused file is no message"


def test_a_full_disk_keeps_the_words_as_a_draft(world: World, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    client = world.client("zhao")
    answer = client.post(f"/tickets/{ticket.ref}/messages", {"body": "My words", "files": [file("a.log")]})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "no room for files" in page and "My words</textarea>" in page
    answer = client.post("/tickets/new", {"title": "T", "severity": "P3", "body": "My words", "files": [file("a.log")]})
    assert answer.status_code == 400
    assert "no room for files" in answer.content.decode() and "My words</textarea>" in answer.content.decode()
    answer = client.post("/files", {"files": [file("a.log")]})
    assert (answer.status_code, "no room" in answer.json()["error"]) == (409, True)


def test_a_refused_reply_still_has_its_files(world: World, ticket: Ticket) -> None:
    reply(ticket=ticket, author=world.eng, body="Found it.", version=1, now=world.now)
    client = world.client("agent")
    answer = client.post(f"/tickets/{ticket.ref}/messages", {"body": "Mine", "version": "1", "files": [file("a.log")]})
    page = answer.content.decode()
    kept = Attachment.objects.get()
    assert answer.status_code == 409
    assert f'name="file" value="{kept.ref}"' in page
    client.post(f"/tickets/{ticket.ref}/messages", {"body": "Mine", "version": "2", "file": [kept.ref]})
    kept.refresh_from_db()
    assert kept.message is not None


def test_nobody_hoards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UNSENT_BYTES", 10)
    client = world.client("zhao")
    uploaded(client, file("a.log", b"123456"))
    answer = client.post("/files", {"files": [file("b.log", b"123456")]})
    assert (answer.status_code, Attachment.objects.count()) == (409, 1)
    many = [file(f"{n}.log", b"") for n in range(11)]
    assert "at most 10" in client.post("/files", {"files": many}).json()["error"]


def test_a_read_only_member_uploads_nothing(world: World) -> None:
    assert world.client("viewer").post("/files", {"files": [file("a.log")]}).status_code == 403
    assert world.client().post("/files", {"files": [file("a.log")]}).status_code == 302


def test_an_upload_that_is_no_form_is_nothing(world: World) -> None:
    assert world.client("zhao").post("/files", io.BytesIO(b"x").read(), "application/octet-stream").json() == {
        "files": []
    }
