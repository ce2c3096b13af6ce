"""People: invited by a link that works once, given roles, let go."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from aftercare.accounts.actions.people import accept_invitation, deactivate_person, invite_person, renew_invitation
from aftercare.accounts.events import PersonDeactivated, PersonInvited
from aftercare.accounts.models import Invitation, User
from aftercare.audit.models import Entry
from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint
from tests.world import World

LINK = re.compile(r"/invitations/[\w-]+")
NEW_PASSWORD = "tall green lantern 42"


def invited_link(world: World, by: str = "zhao", **changes: str) -> str:
    facts = {"name": "Nina", "email": "Nina@Starlight.example", "role": "viewer", **changes}
    response = world.client(by).post(reverse("accounts:person_new", args=[world.show.ref]), facts)
    [link] = set(LINK.findall(response.content.decode()))
    return str(link)


def test_an_invitation_works_once(world: World) -> None:
    link = invited_link(world)
    nina = User.objects.get(email="nina@starlight.example")
    assert (nina.customer, nina.role, nina.has_usable_password()) == (world.show, "viewer", False)
    client = world.client()
    page = client.get(link)
    assert page.status_code == 200 and "Starlight Show" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    response = client.post(link, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert response.status_code == 302 and response.url == reverse("account_login")
    nina.refresh_from_db()
    assert nina.check_password(NEW_PASSWORD)
    assert client.get(link).status_code == 410
    assert client.post(link, {"password": "another good one 7", "again": "another good one 7"}).status_code == 410
    nina.refresh_from_db()
    assert nina.check_password(NEW_PASSWORD)
    assert [e.action for e in Entry.objects.filter(subject=nina.ref).order_by("pk")] == ["person.invite", "person.join"]


def test_the_link_is_kept_as_a_fingerprint(world: World) -> None:
    token = invited_link(world).rsplit("/", 1)[-1]
    assert Invitation.objects.get().fingerprint == fingerprint(token)
    assert not Entry.objects.filter(detail__icontains=token).exists()


def test_rejects_weak_and_differing_passwords(world: World) -> None:
    link = invited_link(world)
    for password, again in [("short", "short"), ("password1234", "password1234"), (NEW_PASSWORD, NEW_PASSWORD + "x")]:
        response = world.client().post(link, {"password": password, "again": again})
        assert response.status_code == 200 and "field-error" in response.content.decode()
    assert Invitation.objects.get().used_at is None


def test_a_link_grows_old_and_is_replaced(world: World) -> None:
    first = invite_person(
        customer=world.show, email="n@x.example", name="N", role="viewer", actor=world.zhao, now=world.now
    )
    with pytest.raises(Refused):
        late = first.expires_at + timedelta(seconds=1)
        accept_invitation(token=first.link.rsplit("/", 1)[-1], password=NEW_PASSWORD, now=late)
    second = renew_invitation(user=first.user, actor=world.zhao, now=world.now)
    with pytest.raises(Refused):
        accept_invitation(token=first.link.rsplit("/", 1)[-1], password=NEW_PASSWORD, now=world.now)
    accept_invitation(token=second.link.rsplit("/", 1)[-1], password=NEW_PASSWORD, now=world.now)
    assert world.client().get(reverse("accounts:invitation", args=["no-such-token"])).status_code == 410


def test_the_link_is_told_to_the_rooms_above(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setitem(events._handlers, PersonInvited, [told.append])
    monkeypatch.setitem(events._handlers, PersonDeactivated, [told.append])
    invited = invite_person(
        customer=None, email="n@provider.example", name="N", role="agent", actor=world.ada, now=world.now
    )
    deactivate_person(user=invited.user, actor=world.ada, now=world.now)
    assert told == [
        PersonInvited(invited.user.pk, invited.link, invited.expires_at, world.now),
        PersonDeactivated(invited.user.pk, world.now),
    ]


@pytest.mark.parametrize("role", ["admin", "engineer", "nonsense", ""])
def test_rejects_roles_of_the_other_side(world: World, role: str) -> None:
    facts = {"name": "N", "email": "n@x.example", "role": role}
    response = world.client("zhao").post(reverse("accounts:person_new", args=[world.show.ref]), facts)
    assert response.status_code == 200 and not LINK.search(response.content.decode())
    response = world.client("zhao").post(reverse("accounts:person", args=[world.viewer.ref]), {"role": role})
    world.viewer.refresh_from_db()
    assert world.viewer.role == "viewer"
    with pytest.raises(Refused):
        invite_person(customer=world.show, email="n@x.example", name="N", role=role, actor=world.zhao, now=world.now)


def test_rejects_an_address_that_is_here(world: World) -> None:
    facts = {"name": "N", "email": world.viewer.email.upper(), "role": "viewer"}
    response = world.client("zhao").post(reverse("accounts:person_new", args=[world.show.ref]), facts)
    assert "is here already" in response.content.decode()
    assert not Invitation.objects.exists()


def test_change_of_role(world: World) -> None:
    url = reverse("accounts:person", args=[world.viewer.ref])
    world.client("zhao").post(url, {"role": "developer"})
    world.viewer.refresh_from_db()
    assert world.viewer.role == "developer"
    assert Entry.objects.get(action="person.role").detail == {"role": ["viewer", "developer"]}


def test_the_last_owner_stays(world: World) -> None:
    for page, data in (("person", {"role": "viewer"}), ("deactivation", {})):
        response = world.client("ada").post(reverse(f"accounts:{page}", args=[world.zhao.ref]), data, follow=True)
        assert "last person with this role" in response.content.decode()
    world.zhao.refresh_from_db()
    assert (world.zhao.role, world.zhao.is_active) == ("owner", True)


def test_nobody_changes_themselves(world: World) -> None:
    for page, data in (("person", {"role": "agent"}), ("deactivation", {})):
        response = world.client("ada").post(reverse(f"accounts:{page}", args=[world.ada.ref]), data, follow=True)
        assert "cannot do this to yourself" in response.content.decode()
    world.ada.refresh_from_db()
    assert (world.ada.role, world.ada.is_active) == ("admin", True)


def test_deactivation_ends_links_and_reactivation_brings_back(world: World) -> None:
    link = invited_link(world)
    nina = User.objects.get(email="nina@starlight.example")
    client = world.client("zhao")
    client.post(reverse("accounts:deactivation", args=[nina.ref]))
    assert world.client().get(link).status_code == 410
    client.post(reverse("accounts:reactivation", args=[nina.ref]))
    nina.refresh_from_db()
    assert nina.is_active
    assert world.client().get(link).status_code == 410


def test_profile(world: World) -> None:
    client = world.client("viewer")
    facts = {
        "name": "Vera W",
        "phone": "+86 138 0000 0000",
        "language": "zh-hans",
        "timezone": "Asia/Tokyo",
        "theme": "dark",
    }
    assert client.post(reverse("accounts:profile"), facts).status_code == 302
    world.viewer.refresh_from_db()
    assert {field: getattr(world.viewer, field) for field in facts} == facts
    assert Entry.objects.get(action="person.edit").detail == {"fields": sorted(facts)}
    assert "个人设置" in client.get(reverse("accounts:profile")).content.decode()
    for wrong in ({"phone": "call me"}, {"timezone": "Mars/Base"}, {"language": "xx"}, {"theme": "pink"}, {"name": ""}):
        assert client.post(reverse("accounts:profile"), {**facts, **wrong}).status_code == 200
    world.viewer.refresh_from_db()
    assert world.viewer.name == "Vera W"


def test_staff_search(world: World) -> None:
    html = world.client("eng").get(reverse("accounts:staff") + "?q=mei").content.decode()
    assert "mei@provider.example" in html
    assert "wang@provider.example" not in html and "zhao@starlight.example" not in html
