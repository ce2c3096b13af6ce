"""Schedules, what differs from them, swaps, coverage and test calls over the API."""

from ninja import Router

from aftercare.oncall.api import changes, readiness, schedules

router = Router()
for subject in (schedules, changes, readiness):
    router.add_router("", subject.router)
