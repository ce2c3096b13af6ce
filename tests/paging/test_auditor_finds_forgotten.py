"""An open page without a next step is found by the next audit, and goes on."""

from aftercare.audit.models import Entry
from aftercare.oncall import engine
from aftercare.oncall.models import Page, PageAudit
from tests.paging.night import Night


def test_it_is_found_kept_and_goes_on(night: Night) -> None:
    page = night.page()
    night.wait(1)
    assert night.heard() == ["Lin text"]
    Page.objects.filter(pk=page.pk).update(next_step_at=None)
    night.silence(1200)
    assert engine.audit_open_pages(night.now) == [page]
    assert PageAudit.objects.latest("pk").offending == [page.ref]
    assert Entry.objects.filter(action="page.found_waiting", subject=page.ref).count() == 1
    night.wait(1)
    assert night.heard() == ["Ada text"]
    assert engine.audit_open_pages(night.now) == []
