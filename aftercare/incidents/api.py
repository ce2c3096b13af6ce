"""Incidents over the API: event assurances."""

from ninja import Router

from aftercare.incidents.assurance.api import router as assurances

router = Router()
router.add_router("", assurances)
