"""The same trouble told again and again wakes once; once it is over, a new one wakes anew."""

from aftercare.oncall import actions
from aftercare.oncall.models import Page
from aftercare.oncall.tests.test_two_workers import at_once
from tests.paging.night import Night


def test_told_by_four_at_once(open_night: Night) -> None:
    night = open_night
    assert len(set(at_once(lambda: night.page().pk, 4))) == 1
    night.wait(1)
    assert night.heard() == ["Lin text"]
    actions.close_page(subject_ref="inc-1", now=night.now)
    night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    assert Page.objects.count() == 2
    actions.close_page(subject_ref="inc-1", now=night.now)
