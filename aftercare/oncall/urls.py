"""Addresses of the on-call."""

from django.urls import path

from aftercare.oncall.views import pages, phone, schedule

app_name = "oncall"

urlpatterns = [
    path("oncall", schedule.oncall, name="oncall"),
    path("oncall/strip", schedule.strip, name="strip"),
    path("oncall/schedules.yaml", schedule.schedules_file, name="schedules_file"),
    path("oncall/policy", schedule.policy, name="policy"),
    path("oncall/rotations/new", schedule.rotation, name="new_rotation"),
    path("oncall/rotations/<slug:ref>", schedule.rotation, name="rotation"),
    path("oncall/overrides/<slug:ref>/removal", schedule.remove_override, name="remove_override"),
    path("pages", pages.page_list, name="pages"),
    path("pages/<slug:ref>", pages.page, name="page"),
    path("pages/<slug:ref>/acknowledgement", pages.acknowledgement, name="acknowledgement"),
    path("pages/<slug:ref>/escalation", pages.escalation, name="escalation"),
    path("p/<slug:ref>", phone.page_on_phone, name="page_on_phone"),
    path("p/<slug:ref>/<str:token>", phone.signed_page, name="signed_page"),
    path("phone", phone.phone, name="phone"),
    path("phone/part", phone.phone_part, name="phone_part"),
]
