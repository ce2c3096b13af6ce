"""What was done stays written, whoever asks the database."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from aftercare.audit.actions import record
from aftercare.audit.models import Entry
from aftercare.kernel.clock import utc_now


@pytest.fixture
def entry(db: Any) -> Entry:
    return record(actor=None, action="test.write", subject="abc", customer_id=7, detail={"a": 1}, now=utc_now())


def test_it_works(entry: Entry) -> None:
    kept = Entry.objects.get(pk=entry.pk)
    assert (kept.action, kept.subject, kept.customer_id, kept.detail) == ("test.write", "abc", 7, {"a": 1})
    assert kept.actor_name == ""


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set action = 'nothing'",
        "update audit_entry set detail = '{}' where id = %(id)s",
        "delete from audit_entry",
        "truncate audit_entry",
        "truncate audit_entry cascade",
        "insert into audit_entry (id, at, action, subject, actor_name, actor_role, detail) "
        "values (%(id)s, now(), 'x', '', '', '', '{}') on conflict (id) do update set action = 'x'",
    ],
)
def test_rejects(entry: Entry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"id": entry.pk})
    assert Entry.objects.get(pk=entry.pk).action == "test.write"


def test_rejects_through_the_model(entry: Entry) -> None:
    entry.action = "nothing"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()
    assert Entry.objects.filter(action="test.write").count() == 1
