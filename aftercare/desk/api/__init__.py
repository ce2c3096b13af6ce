"""The API's part of the desk: a module for each subject, each path in one module alone."""

from ninja import Router

from aftercare.desk.api import (
    asking,
    chat,
    complaints,
    defects,
    files,
    green,
    groups,
    inbox,
    logs,
    macros,
    mail,
    moving,
    organising,
    phone,
    placing,
    rating,
    routing,
    search,
    tickets,
    tiers,
    vendors,
    widgets,
)

router = Router()
router.add_router("/tickets", tickets.router)
router.add_router("/groups", groups.router)
for subject in (
    *(files, search, inbox, macros, organising, moving, rating, green, chat, complaints, phone, routing, tiers),
    *(asking, logs, defects, mail, widgets, vendors, placing),
):
    router.add_router("", subject.router)
