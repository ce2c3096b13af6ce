"""The people, schedules and pages of the `oncall` group, put into a running server's database; prints one JSON line."""

import json
import os
import sys
import time as clock
from datetime import datetime, time, timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from django.db import connection  # noqa: E402 - models exist only now

from aftercare.accounts.models import User  # noqa: E402
from aftercare.kernel.clock import utc_now  # noqa: E402
from aftercare.notify.models import ContactMethod  # noqa: E402
from aftercare.oncall.actions import save_policy, save_schedule, start_page, turns_document  # noqa: E402
from aftercare.oncall.models import Page, Schedule  # noqa: E402


def escalate(pages: int, people: int, port: int, lead_s: float) -> dict[str, float]:
    """Open pages over as many schedules as people, whose first step is due at one instant."""
    now = utc_now()
    schedules = [schedule_of(user, now) for user in reached(people, port, now)]
    due = utc_now() + timedelta(seconds=lead_s)
    Page.objects.bulk_create(page_of(n, schedules[n % people], now, due) for n in range(pages))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of so many new rows
    return {"due": due.timestamp()}


def fire(already: int, fired: int, port: int, every_s: float) -> dict[str, float]:
    """Start pages one by one beside open ones that wait; when each was started."""
    now = utc_now()
    [user] = reached(1, port, now)
    schedule = schedule_of(user, now)
    later = now + timedelta(hours=6)
    Page.objects.bulk_create(page_of(n, schedule, now, later) for n in range(already))
    save_policy(steps=[(schedule, 3600)], actor=None, now=now)
    started = {}
    for n in range(fired):
        clock.sleep(every_s)
        subject, at = f"fired-{n}", utc_now()
        start_page(subject_ref=subject, severity="red", title=f"Stalls in room {n}", url_path="/", now=at)
        started[subject] = at.timestamp()
    return started


def reached(people: int, port: int, now: datetime) -> list[User]:
    """Engineers with a webhook each at the provider."""
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
    return users


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
    what, first, second, port, seconds = sys.argv[1:6]
    work = {"escalate": escalate, "fire": fire}[what]
    print(json.dumps(work(int(first), int(second), int(port), float(seconds))))
