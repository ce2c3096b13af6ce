"""While one notice goes out to 1,300 people a red page reaches its person in the first pass, not after them."""

from aftercare.notify import actions as notify
from aftercare.notify.engine import claims
from aftercare.notify.engine.sender import ROUTINE_WORKERS, WORKERS
from aftercare.notify.models import Delivery
from tests.paging.night import Night, states

RECIPIENTS = 1300


def test_the_page_goes_first(night: Night) -> None:
    told = [
        notify.drafted(
            user=None,
            channel="email",
            address=f"reader{number}@customer.example",
            kind="notice",
            subject_ref="notice-1",
            title="Maintenance on Sunday",
            now=night.now,
        )
        for number in range(RECIPIENTS)
    ]
    notify.send_all(told)
    night.pass_by(30)
    in_the_air = claims.claim(night.now, limit=WORKERS, routine_limit=ROUTINE_WORKERS, busy=[])
    assert len(in_the_air) == ROUTINE_WORKERS, "half of the threads are kept for what is urgent"
    page = night.page()
    first = claims.claim(
        night.now, limit=WORKERS - len(in_the_air), routine_limit=0, busy=[(row.channel, row.address) for row in told]
    )
    assert [row.subject_ref for row in first] == [page.ref]
    Delivery.objects.filter(kind="notice").update(state="dropped")
    Delivery.objects.filter(subject_ref=page.ref, channel="sms").update(state="pending", attempts=0, deadline_at=None)
    night.work()
    assert night.heard() == ["Lin text"] and states(page) == ["sent"]


def test_by_mail_servers_that_take_their_time(night: Night) -> None:
    """The same end to end: the mails find no server, and the page is out before they are through."""
    notify.send_all(
        [
            notify.drafted(
                user=None,
                channel="email",
                address=f"reader{number}@customer.example",
                kind="notice",
                subject_ref="notice-1",
                title="Maintenance on Sunday",
                now=night.now,
            )
            for number in range(RECIPIENTS)
        ]
    )
    page = night.page()
    night.sender.process_due(night.now, patience_s=0.2)
    assert night.heard() == ["Lin text"] and states(page) == ["sent"]
    assert Delivery.objects.filter(kind="notice", state="pending").exists(), "most of the mails still wait"
    Delivery.objects.filter(kind="notice").update(state="dropped")
