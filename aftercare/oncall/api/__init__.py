"""On-call over the API: schedules with what differs from them, coverage and test calls, and what escalates."""

from ninja import Router

from aftercare.oncall.api import changes, policies, readiness, rooms, schedules

router = Router()
for subject in (schedules, changes, readiness, policies, rooms):
    router.add_router("", subject.router)
