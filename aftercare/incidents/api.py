"""Incidents over the API, part by part."""

from ninja import Router

from aftercare.incidents.changes import api as changes
from aftercare.incidents.review import api as review

router = Router()
for subject in (changes, review):
    router.add_router("", subject.router)
