"""What doctor says of the audits of open pages and of the dead-man."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.oncall.models import PageAudit
from aftercare.serve import doctor_engines
from aftercare.serve.doctor_engines import Running, check_auditor


@pytest.fixture(autouse=True)
def answering(monkeypatch, db):
    """PostgreSQL answers: what asks it here is the test's own connection."""
    monkeypatch.setattr(doctor_engines, "asking_postgresql", nullcontext)


def audited(ago_s, **more):
    at = utc_now() - timedelta(seconds=ago_s)
    return PageAudit.objects.create(at=at, open_pages=more.pop("open_pages", 0), **more)


def test_it_works():
    assert check_auditor(None) == "no serve runs on this folder"
    assert "no audit of open pages yet" in check_auditor(Running())
    audited(30, open_pages=2)
    assert check_auditor(Running()).startswith("2 open pages, all with a live next step, audited 30 s ago; no dead-man")
    audited(10, told_at=utc_now() - timedelta(seconds=9))
    assert check_auditor(Running()).endswith("the dead-man was last told 9 s ago")


def test_says_what_was_found():
    audited(5, open_pages=3, offending=["abc"])
    with pytest.raises(Refused, match=r"1 of 3 open pages have no live next step \(abc\)"):
        check_auditor(Running())


def test_says_that_no_audit_came():
    audited(600)
    with pytest.raises(Refused, match="last audited 10 min ago"):
        check_auditor(Running())


def test_says_that_the_dead_man_does_not_hear():
    audited(5, untold="it answered 404")
    with pytest.raises(Refused, match="never told: it answered 404"):
        check_auditor(Running())
    audited(600, told_at=utc_now() - timedelta(seconds=600))
    audited(1, untold="timed out")
    with pytest.raises(Refused, match="last told 10 min ago: timed out"):
        check_auditor(Running())
