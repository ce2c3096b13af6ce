"""Addresses of notifications."""

from django.urls import path

from aftercare.notify.views import accounts, contacts, events, notifications, ringing, webhooks, wecom_app

app_name = "notify"

urlpatterns = [
    path("events", events.events, name="events"),
    path("notifications", notifications.notifications, name="notifications"),
    path("push-worker.js", contacts.push_worker, name="push_worker"),
    path("settings/contacts", contacts.contacts, name="contacts"),
    path("settings/contacts/ladder", contacts.ladder, name="ladder"),
    path("settings/contacts/quiet-hours", contacts.quiet_hours, name="quiet_hours"),
    path("settings/contacts/rows", contacts.contact_rows, name="contact_rows"),
    path("settings/webhooks", webhooks.endpoint_list, name="webhooks"),
    path("settings/webhooks/<slug:ref>", webhooks.endpoint_page, name="webhook"),
    path("settings/webhooks/<slug:ref>/use", webhooks.switch, name="webhook_use"),
    path("settings/webhooks/<slug:ref>/removal", webhooks.remove, name="webhook_removal"),
    path("settings/webhooks/<slug:ref>/deliveries/<slug:delivery>/replay", webhooks.replay, name="webhook_replay"),
    path("settings/contacts/<slug:ref>/test", contacts.test_contact, name="test_contact"),
    path("settings/contacts/<slug:ref>/use", contacts.switch_contact, name="switch_contact"),
    path("settings/contacts/<slug:ref>/removal", contacts.remove_contact, name="remove_contact"),
    path("settings/contacts/<slug:ref>/confirm/<str:signature>", contacts.confirm_contact, name="confirm_contact"),
    path("settings/contacts/<slug:ref>/code", contacts.confirm_code, name="confirm_code"),
    path("hooks/ring/<slug:ref>/twilio", ringing.twilio_message, name="twilio_message"),
    path("hooks/ring/<slug:ref>/twilio/<str:mark>", ringing.twilio_delivery, name="twilio_delivery"),
    path("hooks/ring/<slug:ref>/receipts/<str:token>", ringing.ring_receipts, name="ring_receipts"),
    path("hooks/ring/<slug:ref>/wecom", wecom_app.wecom_app, name="wecom_app"),
    path("settings/accounts", accounts.account_list, name="accounts"),
    path("settings/accounts/new", accounts.account_page, name="new_account"),
    path("settings/accounts/<slug:ref>", accounts.account_page, name="account"),
    path("settings/accounts/<slug:ref>/test", accounts.test_account, name="test_account"),
    path("settings/accounts/<slug:ref>/quiet", accounts.quiet_account, name="quiet_account"),
]
