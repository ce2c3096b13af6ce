"""The people, schedules and pages of `bench.oncall_escalations`, put into a running server's database."""

import json
import os
import sys
from datetime import datetime, time, timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from django.db import connection  # noqa: E402 - models exist only now

from aftercare.accounts.models import User  # noqa: E402
from aftercare.kernel.clock import utc_now  # noqa: E402
from aftercare.notify.models import ContactMethod  # noqa: E402
from aftercare.oncall.actions import save_schedule, turns_document  # noqa: E402
from aftercare.oncall.models import Page, Schedule  # noqa: E402


def make(pages: int, people: int, port: int, lead_s: float) -> dict[str, float]:
    """One schedule for each person, and open pages over them whose first step is due at one instant."""
    now = utc_now()
    users = [User(email=f"p{n}@provider.example", name=f"Person {n}", role="engineer") for n in range(people)]
    for user in users:
        user.set_unusable_password()
    users = User.objects.bulk_create(users)
    ContactMethod.objects.bulk_create(
        ContactMethod(
            user=user, channel="webhook", address=f"http://127.0.0.1:{port}/{n}", verified=True, created_at=now
        )
        for n, user in enumerate(users)
    )
    schedules = [schedule_of(user, now) for user in users]
    due = utc_now() + timedelta(seconds=lead_s)
    Page.objects.bulk_create(page_of(n, schedules[n % people], now, due) for n in range(pages))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of so many new rows
    return {"due": due.timestamp()}


def schedule_of(user: User, now: datetime) -> Schedule:
    """One person, all the time."""
    starts = datetime.combine((now - timedelta(days=1)).date(), time())
    turns = turns_document(timezone="UTC", turns=[[user]], starts=starts)
    return save_schedule(name=f"Of {user.name}", document=turns, actor=None, now=now)


def page_of(number: int, schedule: Schedule, now: datetime, due: datetime) -> Page:
    """An open page whose first step has not been taken."""
    step = {"kind": "schedule", "ref": schedule.ref, "name": schedule.name, "delay_s": 3600}
    return Page(
        subject_ref=f"inc-{number}",
        severity="red",
        title=f"Stalls in room {number}",
        url_path=f"/incidents/inc-{number}",
        policy_snapshot={"policy": "", "version": 0, "repeat": 0, "steps": [step]},
        next_step_at=due,
        opened_at=now,
    )


if __name__ == "__main__":
    pages, people, port, lead = sys.argv[1:5]
    print(json.dumps(make(int(pages), int(people), int(port), float(lead))))
