"""The escalation over the API."""

from ninja import Router

from aftercare.oncall.api import policies, rooms

router = Router()
for subject in (policies, rooms):
    router.add_router("", subject.router)
