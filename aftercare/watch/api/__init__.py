"""Alerts, their sources, heartbeats and hidden risks over the API."""

from ninja import Router

from aftercare.watch.api import alerts, heartbeats, risk_rules, risks

router = Router()
for subject in (alerts, heartbeats, risks, risk_rules):
    router.add_router("", subject.router)
