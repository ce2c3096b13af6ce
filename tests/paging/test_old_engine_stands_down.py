"""During an upgrade the older process takes nothing more once the newer one has started, and says so once."""

import threading

import pytest
from django.db import connection, transaction

from aftercare.kernel.errors import Refused
from aftercare.kernel.standing import StoodDown
from aftercare.oncall.models import Page
from aftercare.serve import standing
from tests.paging.dying import Process
from tests.paging.night import Night


def test_two_versions_one_database(open_night: Night) -> None:
    night, old = open_night, Process(version=1)
    standing.take_over(night.now, 1)
    night.world.eng.contact_methods.all().delete()
    night.world.ada.contact_methods.all().delete()
    page = night.page()
    night.pass_by(301)
    assert old.work(night.now) == "1 2", "one step, and a push each to Lin and Ada"
    standing.take_over(night.now, 2)
    night.pass_by(301)
    assert [old.work(night.now) for _round in range(3)] == ["stood down"] * 3
    new = Process(version=2)
    assert new.work(night.now) == "1 1"
    new.end()
    assert old.end().count("a newer version of the engines (2, this is 1)") == 1
    page.refresh_from_db()
    assert page.firings == 3
    with pytest.raises(Refused, match="newer Aftercare"):
        standing.take_over(night.now, 1)
    Page.objects.update(state="closed")


def test_what_the_older_one_takes_is_over_before_the_newer_begins(open_night: Night) -> None:
    night, events = open_night, []
    standing.take_over(night.now, 1)
    taking, go_on = threading.Event(), threading.Event()

    def older() -> None:
        try:
            with transaction.atomic():
                standing.check(1)
                taking.set()
                go_on.wait(10)
                events.append("taken")
            with pytest.raises(StoodDown), transaction.atomic():
                standing.check(1)
            events.append("stood down")
        finally:
            connection.close()

    def newer() -> None:
        try:
            standing.take_over(night.now, 2)
            events.append("raised")
        finally:
            connection.close()

    first, second = threading.Thread(target=older), threading.Thread(target=newer)
    first.start()
    assert taking.wait(10)
    second.start()
    second.join(0.3)
    assert second.is_alive() and events == [], "it waits for the transaction that takes"
    go_on.set()
    first.join(10)
    second.join(10)
    assert sorted(events) == ["raised", "stood down", "taken"] and events[0] == "taken"
