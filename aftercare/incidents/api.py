"""What of incidents is in the API."""

from ninja import Router

from aftercare.incidents.changes import api as changes
from aftercare.incidents.changes import freeze_api as freezes

router = Router()
for subject in (changes, freezes):
    router.add_router("", subject.router)
