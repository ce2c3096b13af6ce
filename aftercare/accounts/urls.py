"""Addresses of who is who."""

from django.urls import path

from aftercare.accounts.views import apps, audit, customers, data_requests, invitations, keys, me, people, tokens

app_name = "accounts"

urlpatterns = [
    path("company", customers.company, name="company"),
    path("customers", customers.customer_list, name="customers"),
    path("customers/new", customers.customer_new, name="customer_new"),
    path("customers/<slug:ref>", customers.customer_page, name="customer"),
    path("customers/<slug:ref>/edit", customers.customer_edit, name="customer_edit"),
    path("customers/<slug:ref>/apps/new", apps.app_new, name="app_new"),
    path("customers/<slug:ref>/apps/<slug:app_ref>/edit", apps.app_edit, name="app_edit"),
    path("customers/<slug:ref>/people/new", people.person_new, name="person_new"),
    path("customers/<slug:ref>/keys/new", keys.key_new, name="key_new"),
    path("customers/<slug:ref>/data-requests", data_requests.data_requests, name="data_requests"),
    path("staff", people.staff_list, name="staff"),
    path("staff/new", people.staff_new, name="staff_new"),
    path("people/<slug:ref>", people.person_page, name="person"),
    path("people/<slug:ref>/deactivation", people.deactivation, name="deactivation"),
    path("people/<slug:ref>/reactivation", people.reactivation, name="reactivation"),
    path("people/<slug:ref>/factor-reset", people.factor_reset, name="factor_reset"),
    path("people/<slug:ref>/link", people.new_link, name="new_link"),
    path("keys", keys.key_list, name="keys"),
    path("keys/<slug:ref>/rotation", keys.rotation, name="rotation"),
    path("keys/<slug:ref>/callback", keys.callback, name="callback"),
    path("keys/<slug:ref>/revocation", keys.revocation, name="revocation"),
    path("invitations/<str:token>", invitations.invitation, name="invitation"),
    path("me", me.profile, name="profile"),
    path("me/tokens", tokens.tokens, name="tokens"),
    path("me/tokens/<slug:ref>/revocation", tokens.token_revocation, name="token_revocation"),
    path("audit", audit.audit, name="audit"),
]
