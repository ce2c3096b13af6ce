"""Ingest keys: shown once, kept hashed, rotated with overlap, revoked, told to the ingest processes."""

import re
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections
from django.urls import reverse

from aftercare.accounts.actions.keys import MOST_KEYS_OF_APP, issue_app_key, revoke_key, rotate_key
from aftercare.accounts.models import IngestKey
from aftercare.accounts.models.key import DEFAULT_QUOTA_LINES_PER_S
from aftercare.accounts.queries import KeyFacts, ingest_keys_snapshot, user_hash
from aftercare.audit.models import Entry
from aftercare.kernel.errors import Refused
from aftercare.kernel.signing import fingerprint, keyed_hash
from tests.world import World

SECRET = re.compile(r"ak_[0-9a-z]{8}_[0-9a-z]{32}")


def known(secret: str) -> KeyFacts | None:
    """What the ingest process would find for this secret."""
    return next((key for key in ingest_keys_snapshot() if key.fingerprint == fingerprint(secret)), None)


def test_it_is_shown_once(world: World) -> None:
    client = world.client("developer")
    url = reverse("accounts:key_new", args=[world.show.ref])
    facts = {"app": world.show_app.ref, "label": "Android 5.2", "user_hash": "on", "quota_lines_per_s": 500}
    response = client.post(url, facts)
    [secret] = set(SECRET.findall(response.content.decode()))
    assert "no-store" in response["Cache-Control"]
    key = IngestKey.objects.get(fingerprint=fingerprint(secret))
    assert (key.customer, key.app, key.label, key.quota_lines_per_s) == (
        world.show,
        world.show_app,
        "Android 5.2",
        20_000,
    )
    row = Entry.objects.get(action="key.issue", subject=key.ref)
    assert (row.actor_name, row.customer_id) == ("Dev", world.show.pk)
    assert secret not in str(row.detail) and secret.split("_")[2] not in str(row.detail)
    for page in (reverse("accounts:customer", args=[world.show.ref]), reverse("accounts:keys")):
        html = client.get(page).content.decode()
        assert key.prefix in html
        assert secret.split("_")[2] not in html


def test_nothing_in_the_database_holds_the_secret(world: World) -> None:
    random_part = world.show_secret.split("_")[2]
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{random_part}%"])
            assert cursor.fetchone() == (0,), table


def test_snapshot(world: World) -> None:
    facts = known(world.show_secret)
    assert facts is not None
    assert (facts.customer_id, facts.app_id, facts.resource_ref) == (world.show.pk, world.show_app.pk, None)
    assert facts.user_hash_secret == bytes(world.show.user_hash_secret)
    assert (facts.quota_lines_per_s, facts.expires_at, facts.revoked_at) == (20_000, None, None)
    node = known(world.node_secret)
    assert node is not None
    assert (node.customer_id, node.app_id, node.resource_ref) == (None, None, "edge-sh-01")


def test_snapshot_without_hashing(world: World) -> None:
    issued = issue_app_key(app=world.show_app, label="raw", user_hash=False, actor=world.zhao, now=world.now)
    facts = known(issued.secret)
    assert facts is not None and facts.user_hash_secret is None


def test_rotation_overlaps(world: World) -> None:
    response = world.client("zhao").post(reverse("accounts:rotation", args=[world.show_key.ref]), {"overlap_h": 48})
    [secret] = set(SECRET.findall(response.content.decode()))
    old, new = known(world.show_secret), known(secret)
    assert old is not None and old.expires_at is not None and new is not None
    successor = IngestKey.objects.get(fingerprint=fingerprint(secret))
    assert successor.replaces_id == world.show_key.pk
    assert old.expires_at - successor.created_at == timedelta(hours=48)
    assert (new.expires_at, new.app_id, new.quota_lines_per_s) == (None, old.app_id, old.quota_lines_per_s)


def test_rotation_refuses(world: World) -> None:
    rotate_key(key=world.show_key, overlap_h=1, actor=world.zhao, now=world.now)
    with pytest.raises(Refused, match="rotated already"):
        rotate_key(key=world.show_key, overlap_h=1, actor=world.zhao, now=world.now)
    with pytest.raises(Refused, match="no longer works"):
        rotate_key(key=world.show_key, overlap_h=1, actor=world.zhao, now=world.now + timedelta(hours=2))
    with pytest.raises(Refused, match="between 0 and 720"):
        rotate_key(key=world.show_key, overlap_h=721, actor=world.zhao, now=world.now)
    revoke_key(key=world.social_key, actor=world.ada, now=world.now)
    with pytest.raises(Refused, match="no longer works"):
        rotate_key(key=world.social_key, overlap_h=1, actor=world.ada, now=world.now)
    assert IngestKey.objects.count() == 4


def test_revocation(world: World) -> None:
    response = world.client("zhao").post(reverse("accounts:revocation", args=[world.show_key.ref]))
    assert response.status_code == 302
    facts = known(world.show_secret)
    assert facts is not None and facts.revoked_at is not None
    again = revoke_key(key=world.show_key, actor=world.zhao, now=world.now + timedelta(days=1))
    assert again.revoked_at == facts.revoked_at
    assert Entry.objects.filter(action="key.revoke").count() == 1


def test_dead_keys_are_forgotten_in_the_end(world: World) -> None:
    revoke_key(key=world.show_key, actor=world.zhao, now=world.now)
    rotate_key(key=world.social_key, overlap_h=0, actor=world.ada, now=world.now)
    later = {key.fingerprint for key in ingest_keys_snapshot(world.now + timedelta(days=91))}
    assert fingerprint(world.show_secret) not in later
    assert fingerprint(world.social_secret) not in later
    assert fingerprint(world.node_secret) in later


def test_a_foreign_app_is_no_choice(world: World) -> None:
    url = reverse("accounts:key_new", args=[world.show.ref])
    facts = {"app": world.social_app.ref, "label": "x", "quota_lines_per_s": 1}
    response = world.client("zhao").post(url, facts)
    assert response.status_code == 200 and not SECRET.search(response.content.decode())
    assert IngestKey.objects.count() == 3


def test_user_hash(world: World) -> None:
    assert user_hash(world.show, "u-1") == keyed_hash(bytes(world.show.user_hash_secret), "u-1")
    assert user_hash(world.show, "u-1") != user_hash(world.social, "u-1")
    assert len(user_hash(world.show, "用户")) == 16


def test_keys_filter(world: World) -> None:
    revoke_key(key=world.show_key, actor=world.zhao, now=world.now)
    client = world.client("ada")
    url = reverse("accounts:keys")
    prefixes = [world.show_key.prefix, world.social_key.prefix, world.node_key.prefix]

    def shown(query: str) -> list[bool]:
        html = client.get(url + query).content.decode()
        return [prefix in html for prefix in prefixes]

    assert shown("") == [True, True, True]
    assert shown("?state=working") == [False, True, True]
    assert shown("?state=ended") == [True, False, False]
    assert shown("?q=edge-sh") == [False, False, True]
    assert shown("?q=Whisper") == [False, True, False]
    assert "No key fits" in client.get(url + "?q=nothing-like-it").content.decode()
    stranger = world.client("stranger").get(url).content.decode()
    assert [prefix in stranger for prefix in prefixes] == [False, True, False]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_when_it_commits(transactional_db: None, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue("world")
    options = connections["default"].get_connection_params()
    options = {k: v for k, v in options.items() if k in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**options, autocommit=True) as listener:
        listener.execute("listen aftercare_keys")
        revoke_key(key=world.show_key, actor=world.zhao, now=world.now)
        [told] = list(listener.notifies(timeout=5, stop_after=1))
    assert told.channel == "aftercare_keys"


def test_how_much_a_customer_may_send_is_the_providers_to_say(world: World) -> None:
    url = f"/customers/{world.show.ref}/keys/new"
    asked = {"app": world.show_app.ref, "label": "mine", "user_hash": "on", "quota_lines_per_s": "1000000"}
    assert "quota_lines_per_s" not in world.client("developer").get(url).content.decode()
    assert world.client("developer").post(url, asked).status_code == 200
    assert IngestKey.objects.get(label="mine").quota_lines_per_s == DEFAULT_QUOTA_LINES_PER_S
    assert world.client("eng").post(url, asked | {"label": "wide"}).status_code == 200
    assert IngestKey.objects.get(label="wide").quota_lines_per_s == 1_000_000


def test_an_app_has_so_many_working_keys_and_no_more(world: World) -> None:
    url = f"/customers/{world.show.ref}/keys/new"
    for number in range(MOST_KEYS_OF_APP + 1):
        page = world.client("developer").post(url, {"app": world.show_app.ref, "label": f"k{number}"})
    assert "Revoke one that nothing uses first" in page.content.decode()
    assert IngestKey.objects.filter(app=world.show_app).count() == MOST_KEYS_OF_APP
    revoke_key(key=world.show_key, actor=world.zhao, now=world.now)
    page = world.client("developer").post(url, {"app": world.show_app.ref, "label": "again"})
    assert IngestKey.objects.filter(label="again").exists()
