"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import export, files, inbox, life, opening, quality, rating, ticket, writes

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
    path("tickets/new", opening.new_ticket, name="new_ticket"),
    path("tickets/export", export.export, name="export"),
    path("tickets/calls", life.calls, name="calls"),
    path("tickets/ratings", quality.ratings, name="ratings"),
    path("tickets/calls/<slug:ref>", life.record_call, name="call"),
    path("files", files.upload, name="upload"),
    path("files/<slug:ref>", files.download, name="file"),
    path("files/<slug:ref>/removal", files.discard, name="discard_file"),
    path("ratings/<slug:ref>/<slug:who>/<str:signature>", rating.rating_link, name="rating_link"),
    path("tickets/<slug:ref>", ticket.ticket_page, name="ticket"),
    path("tickets/<slug:ref>/thread", ticket.thread_part, name="thread"),
    path("tickets/<slug:ref>/evidence", ticket.evidence_part, name="evidence"),
    path("tickets/<slug:ref>/messages", writes.post_message, name="messages"),
    path("tickets/<slug:ref>/claim", writes.claim, name="claim"),
    path("tickets/<slug:ref>/assignment", writes.assign, name="assignment"),
    path("tickets/<slug:ref>/severity", writes.grade, name="severity"),
    path("tickets/<slug:ref>/solution", writes.solve, name="solution"),
    path("tickets/<slug:ref>/reopening", writes.reopen, name="reopening"),
    path("tickets/<slug:ref>/confirmation", writes.confirm, name="confirmation"),
    path("tickets/<slug:ref>/clocks", ticket.clocks_part, name="clocks"),
    path("tickets/<slug:ref>/following", life.follow, name="following"),
    path("tickets/<slug:ref>/rating", rating.rate_ticket, name="rating"),
    path("tickets/<slug:ref>/separation", life.tell_apart, name="separation"),
    path("tickets/<slug:ref>/calls", life.plan_call, name="plan_call"),
]
