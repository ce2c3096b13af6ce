"""What of incidents is in the API."""

from ninja import Router

from aftercare.incidents.changes import api as changes

router = Router()
for subject in (changes,):
    router.add_router("", subject.router)
