"""Incidents over the API, part by part."""

from ninja import Router

from aftercare.incidents.review.api import router as review

router = Router()
router.add_router("", review)
