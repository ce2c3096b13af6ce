"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import (
    homeservers,
    inbox,
    matrix,
    opening,
    sidebar,
    sidebar_entry,
    ticket,
    wecom_accounts,
    wecom_callback,
    writes,
)

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
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
    path("_matrix/app/v1/transactions/<str:txn>", matrix.take_transaction, name="matrix_transaction"),
    path("_matrix/app/v1/ping", matrix.ping, name="matrix_ping"),
    path("_matrix/app/v1/users/<str:name>", matrix.nobody, name="matrix_user"),
    path("_matrix/app/v1/rooms/<str:name>", matrix.nobody, name="matrix_room"),
    path("settings/matrix", homeservers.homeservers, name="homeservers"),
    path("settings/matrix/<slug:ref>/registration", homeservers.registration, name="homeserver_registration"),
    path("wecom/<slug:ref>/sidebar", sidebar.sidebar, name="wecom_sidebar"),
    path("wecom/<slug:ref>/sidebar/group", sidebar.sidebar_group, name="wecom_sidebar_group"),
    path("wecom/<slug:ref>/entry", sidebar_entry.entry, name="wecom_entry"),
    path("wecom/<slug:ref>/link", sidebar_entry.link, name="wecom_link"),
    path("wecom/<slug:ref>/prepared/<slug:reply>/opening", sidebar.hand_over, name="wecom_hand_over"),
    path("wecom/<slug:ref>/callback", wecom_callback.callback, name="wecom_callback"),
    path("settings/wecom", wecom_accounts.wecom_accounts, name="wecom_accounts"),
    path("settings/wecom/<slug:ref>", wecom_accounts.wecom_account, name="wecom_account"),
]
