"""Everything about one end user, exported or erased by identifier."""

from typing import Any

import pytest
from django.urls import reverse

from aftercare.accounts.actions.data_requests import finish_data_request
from aftercare.accounts.events import UserDataRequested
from aftercare.accounts.models import DataRequest
from aftercare.accounts.queries import user_hash
from aftercare.audit.models import Entry
from aftercare.kernel import events
from tests.world import World

IDENTIFIER = "user-8812-secret-name"


def file_request(world: World, by: str = "zhao", kind: str = "erase", identifier: str = IDENTIFIER) -> Any:
    url = reverse("accounts:data_requests", args=[world.show.ref])
    return world.client(by).post(url, {"kind": kind, "identifier": identifier})


def test_it_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[UserDataRequested] = []
    monkeypatch.setitem(events._handlers, UserDataRequested, [told.append])
    assert file_request(world).status_code == 302
    request = DataRequest.objects.get()
    assert bytes(request.identifier_hash) == user_hash(world.show, IDENTIFIER)
    assert (request.kind, request.requested_by, request.done_at) == ("erase", world.zhao, None)
    assert told == [UserDataRequested(request.pk, request.at)]
    row = Entry.objects.get(action="user_data.erase")
    assert IDENTIFIER not in str(row.detail)
    html = world.client("zhao").get(reverse("accounts:data_requests", args=[world.show.ref])).content.decode()
    assert request.identifier_hex in html and IDENTIFIER not in html and "Being worked on" in html


def test_its_outcome_is_kept(world: World) -> None:
    file_request(world, kind="export")
    request = DataRequest.objects.get()
    finish_data_request(request=request, result={"rows": 12}, now=world.now)
    finish_data_request(request=request, result={"rows": 99}, now=world.now)
    html = world.client("zhao").get(reverse("accounts:data_requests", args=[world.show.ref])).content.decode()
    assert "rows: 12" in html
    assert Entry.objects.filter(action="user_data.done").count() == 1


def test_an_equal_open_request_is_refused(world: World) -> None:
    file_request(world)
    assert "still being worked on" in file_request(world, by="ada").content.decode()
    assert file_request(world, kind="export").status_code == 302
    finish_data_request(request=DataRequest.objects.get(kind="erase"), result={}, now=world.now)
    assert file_request(world).status_code == 302


@pytest.mark.parametrize("facts", [{"kind": "sell"}, {"identifier": "  "}, {"identifier": "x" * 300}])
def test_rejects(world: World, facts: dict[str, str]) -> None:
    assert file_request(world, **facts).status_code == 200
    assert not DataRequest.objects.exists()
