"""The cast every test plays with: the provider's staff, two customers with one live app each, and a stranger."""

import functools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from aftercare.accounts.actions.keys import issue_app_key, issue_resource_key
from aftercare.accounts.models import App, Customer, IngestKey, User
from aftercare.kernel.clock import utc_now

PASSWORD = "correct horse battery staple"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class World:
    """Who there is. `show` is Starlight Show, `social` is Whisper 1-1; secrets are the ingest keys' plain texts."""

    ada: User
    mei: User
    eng: User
    agent: User
    success: User
    show: Customer
    show_app: App
    zhao: User
    developer: User
    viewer: User
    show_key: IngestKey
    show_secret: str
    social: Customer
    social_app: App
    stranger: User
    social_key: IngestKey
    social_secret: str
    node_key: IngestKey
    node_secret: str
    now: datetime
    people: dict[str, User] = field(default_factory=dict)

    def client(self, name: str | None = None, **defaults: Any) -> Client:
        """A test client signed in as this person ("zhao"); signed out without a name."""
        client = Client(**defaults)
        if name is not None:
            client.force_login(self.people[name], backend=BACKEND)
        return client


@functools.cache
def hashed_password() -> str:
    """PASSWORD as it is kept; hashing is slow on purpose, so once must do for the whole run."""
    return make_password(PASSWORD)


def staff(name: str, email: str, role: str, **more: Any) -> User:
    """One of the provider's people; the password is PASSWORD."""
    fields = {"language": "en", **more}
    return User.objects.create(email=email, password=hashed_password(), name=name, role=role, **fields)


def member(customer: Customer, name: str, email: str, role: str) -> User:
    """One of a customer's people; the password is PASSWORD."""
    return staff(name, email, role, customer=customer)


def make_world(now: datetime | None = None) -> World:
    """Make the cast in the database (needs an empty one)."""
    now = now or utc_now()
    show = Customer.objects.create(
        name="Starlight Show", name_zh="星光秀场", rank="key", plan="flagship", created_at=now
    )
    social = Customer.objects.create(
        name="Whisper 1-1", name_zh="耳语", rank="ordinary", plan="basic", language="en", timezone="UTC", created_at=now
    )
    show_app = App.objects.create(
        customer=show, name="Starlight Live", name_zh="星光直播", scenario="show_live", created_at=now
    )
    social_app = App.objects.create(
        customer=social, name="Whisper", name_zh="耳语通话", scenario="one_to_one", created_at=now
    )
    ada = staff("Ada", "ada@provider.example", "admin")
    show_issued = issue_app_key(app=show_app, label="players", actor=ada, now=now)
    social_issued = issue_app_key(app=social_app, label="players", actor=ada, now=now)
    node_issued = issue_resource_key(resource_ref="edge-sh-01", label="edge node", actor=ada, now=now)
    world = World(
        ada=ada,
        mei=staff("Mei", "mei@provider.example", "manager"),
        eng=staff("Lin", "lin@provider.example", "engineer", phone="+8613800000001"),
        agent=staff("Wang", "wang@provider.example", "agent"),
        success=staff("Sun", "sun@provider.example", "success"),
        show=show,
        show_app=show_app,
        zhao=member(show, "Zhao", "zhao@starlight.example", "owner"),
        developer=member(show, "Dev", "dev@starlight.example", "developer"),
        viewer=member(show, "Vera", "vera@starlight.example", "viewer"),
        show_key=show_issued.key,
        show_secret=show_issued.secret,
        social=social,
        social_app=social_app,
        stranger=member(social, "Stranger", "stranger@whisper.example", "owner"),
        social_key=social_issued.key,
        social_secret=social_issued.secret,
        node_key=node_issued.key,
        node_secret=node_issued.secret,
        now=now,
    )
    world.people = {name: person for name, person in vars(world).items() if isinstance(person, User)}
    return world


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any) -> None:
    """Let tests that commit empty the database afterwards: the audit's own trigger refuses TRUNCATE, as it must."""
    sql_flush = DatabaseOperations.sql_flush

    def flush_with_the_audit(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = sql_flush(self, *args, **kwargs)
        if not statements:
            return statements
        guard = "alter table audit_entry {} trigger audit_entry_no_truncate"
        return [guard.format("disable"), *statements, guard.format("enable")]

    DatabaseOperations.sql_flush = flush_with_the_audit


@pytest.fixture
def world(db: Any) -> World:
    """The cast, in this test's transaction."""
    return make_world()
