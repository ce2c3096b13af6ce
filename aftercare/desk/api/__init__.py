"""The API's part of the desk."""

from ninja import Router

from aftercare.desk.api.groups import router as groups
from aftercare.desk.api.tickets import router as tickets

router = Router()
router.add_router("/tickets", tickets)
router.add_router("/groups", groups)
