"""Alerts, their sources and heartbeats over the API."""

from ninja import Router

from aftercare.watch.api import alerts, heartbeats

router = Router()
for subject in (alerts, heartbeats):
    router.add_router("", subject.router)
