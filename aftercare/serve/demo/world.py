"""The demo's world: a provider with three customers, their people, apps and keys, and who is on call."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec
from django.contrib.auth.hashers import make_password
from django.db import transaction

from aftercare.accounts.actions.customers import AppFacts, CustomerFacts, create_app, create_customer
from aftercare.accounts.actions.keys import issue_app_key
from aftercare.accounts.models import App, Customer, User
from aftercare.notify.models import ContactMethod
from aftercare.oncall.actions.schedules import save_schedule, turns_document
from aftercare.watch.actions import edit_monitor
from aftercare.watch.models import Monitor
from aftercare.watch.types import facts_of

# name, Chinese name, rank, plan, language, time zone, then the app's name, Chinese name and scenario
CUSTOMERS = (
    (
        "Starlight Show",
        "星光秀场",
        "key",
        "flagship",
        "zh-hans",
        "Asia/Shanghai",
        "Starlight Live",
        "星光直播",
        "show_live",
    ),
    (
        "Whisper 1-to-1",
        "耳语交友",
        "important",
        "professional",
        "zh-hans",
        "Asia/Shanghai",
        "Whisper",
        "耳语",
        "one_to_one",
    ),
    ("Halo Voice", "Halo 语聊", "ordinary", "basic", "en", "Asia/Riyadh", "Halo Rooms", "Halo 语聊房", "voice_room"),
)
STAFF = (
    ("lin", "Lin Yan", "manager"),
    ("chen", "Chen Bo", "engineer"),
    ("wang", "Wang Min", "agent"),
    ("sun", "Sun Jia", "success"),
    ("ada", "Ada Admin", "admin"),
)
OWNERS = ("zhao", "qian", "omar")
TRY_APP = ("Try-it stream", "体验流", "show_live")
# One viewer watches the try-it stream: its rules must speak on seconds, not on the ten minutes of a live audience.
TRY_FLOOR_MS = 10_000


class Keys(msgspec.Struct):
    """The demo's plain ingest keys by app ref, kept in its own folder: the database holds only their hashes."""

    of_app: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass
class World:
    """What was made."""

    apps: dict[str, App]
    people: dict[str, User]
    keys: Keys = field(default_factory=Keys)


@transaction.atomic
def make_people_and_customers(now: datetime) -> World:
    """Make everyone, their apps, keys and the on-call schedule."""
    people = {
        name: User.objects.create(
            email=f"{name}@provider.example",
            name=full,
            role=role,
            timezone="Asia/Shanghai",
            password=make_password(None),
        )
        for name, full, role in STAFF
    }
    world = World({}, people)
    for owner, row in zip(OWNERS, CUSTOMERS, strict=True):
        name, name_zh, rank, plan, language, zone, app_name, app_name_zh, scenario = row
        facts = CustomerFacts(name, name_zh, rank, plan, language, zone)
        customer = create_customer(facts=facts, actor=None, now=now, is_simulated=True)
        app_facts = AppFacts(app_name, app_name_zh, scenario)
        world.apps[scenario] = add_app(world, customer, app_facts, now, simulated=True)
        people[owner] = User.objects.create(
            email=f"{owner}@{customer.ref}.example",
            name=owner.capitalize(),
            role="owner",
            customer=customer,
            timezone=zone,
            password=make_password(None),
        )
    show = world.apps["show_live"].customer
    world.apps["try"] = add_app(world, show, AppFacts(*TRY_APP), now, simulated=False)
    for monitor in Monitor.objects.filter(app=world.apps["try"], metric="rebuffering_ratio"):
        facts_now = replace(facts_of(monitor), min_volume=TRY_FLOOR_MS, fire_after=1)
        edit_monitor(monitor=monitor, facts=facts_now, actor=None, now=now)
    for person in ("lin", "chen"):
        ContactMethod.objects.get_or_create(
            user=people[person], channel="push", address="", defaults={"verified": True, "created_at": now}
        )
    turns = turns_document(
        timezone="Asia/Shanghai",
        turns=[[people["lin"]], [people["chen"]]],
        starts=datetime.combine((now - timedelta(days=2)).date(), time(10, 0)),
    )
    save_schedule(name="Media on-call", document=turns, actor=None, now=now)
    return world


def add_app(world: World, customer: Customer, facts: AppFacts, now: datetime, *, simulated: bool) -> App:
    """An app with its ingest key."""
    app = create_app(customer=customer, facts=facts, actor=None, now=now, is_simulated=simulated)
    issued = issue_app_key(app=app, label="demo", actor=None, now=now, quota_lines_per_s=5000)
    world.keys.of_app[app.ref] = issued.secret
    return app


def keep_keys(keys: Keys, folder: Path) -> None:
    """Write the plain keys where the next start of this demo finds them."""
    path = folder / "demo-keys.json"
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(keys))


def kept_keys(folder: Path) -> Keys:
    """The plain keys of this demo; without the file nothing was made yet. Raises FileNotFoundError."""
    return msgspec.json.decode((folder / "demo-keys.json").read_bytes(), type=Keys)
