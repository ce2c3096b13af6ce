"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import aside, inbox, mailboxes, opening, ticket, writes

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
    path("mails", aside.aside_mails, name="aside_mails"),
    path("mails/<slug:ref>", aside.aside_mail, name="aside_mail"),
    path("mails/<slug:ref>/placing", aside.aside_placing, name="aside_placing"),
    path("mails/<slug:ref>/dropping", aside.aside_dropping, name="aside_dropping"),
    path("settings/mailboxes", mailboxes.mailboxes, name="mailboxes"),
    path("settings/mailboxes/new", mailboxes.mailbox_form, name="mailbox_new"),
    path("settings/mailboxes/<slug:ref>", mailboxes.mailbox_form, name="mailbox"),
    path("settings/mailboxes/<slug:ref>/test", mailboxes.mailbox_test, name="mailbox_test"),
    path("settings/mailboxes/<slug:ref>/opening", mailboxes.mailbox_opening, name="mailbox_opening"),
    path("settings/mail-domains", mailboxes.domain_new, name="mail_domain_new"),
    path("settings/mail-domains/<int:pk>/removal", mailboxes.domain_removal, name="mail_domain_removal"),
    path("tickets/new", opening.new_ticket, name="new_ticket"),
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
]
