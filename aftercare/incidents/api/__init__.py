"""Incidents over the API: the same actions and the same walls as the pages; each part has its own."""

from ninja import Router

from aftercare.incidents.api import annotations, deeds, incidents, updates
from aftercare.incidents.assurance import api as assurance
from aftercare.incidents.changes import api as changes
from aftercare.incidents.changes import freeze_api as freezes
from aftercare.incidents.noise import api as noise
from aftercare.incidents.review import api as review

router = Router()
for subject in (assurance, changes, freezes, review, incidents, deeds, updates, noise, annotations):
    router.add_router("", subject.router)
