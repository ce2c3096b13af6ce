"""Addresses of the on-call."""

from django.urls import path

from aftercare.oncall.views import feeds, handovers, hours, pages, phone, policies, schedule, schedules, swaps

app_name = "oncall"

urlpatterns = [
    path("oncall", schedule.oncall, name="oncall"),
    path("oncall/strip", schedule.strip, name="strip"),
    path("oncall/schedules.yaml", schedules.schedules_file, name="schedules_file"),
    path("oncall/schedules/file", schedules.take_file, name="take_file"),
    path("oncall/schedules/new", schedules.schedule, name="new_schedule"),
    path("oncall/schedules/<slug:ref>", schedules.schedule, name="schedule"),
    path("oncall/coverage", schedule.coverage_page, name="coverage"),
    path("oncall/handovers", handovers.handover_list, name="handovers"),
    path("oncall/handovers/<slug:ref>", handovers.handover, name="handover"),
    path("oncall/handovers/<slug:ref>/sign-in", handovers.sign_in, name="sign_in"),
    path("oncall/hours.csv", hours.hours_file, name="hours_file"),
    path("oncall/calendars", feeds.feeds, name="feeds"),
    path("oncall/calendars/<slug:ref>/removal", feeds.remove_feed, name="remove_feed"),
    path("calendar/<slug:secret>.ics", feeds.calendar, name="calendar"),
    path("oncall/policies", policies.policies, name="policies"),
    path("oncall/policies/new", policies.policy, name="new_policy"),
    path("oncall/policies/<slug:ref>", policies.policy, name="policy"),
    path("oncall/policies/<slug:ref>/default", policies.policy_default, name="policy_default"),
    path("oncall/policies/<slug:ref>/removal", policies.policy_removal, name="policy_removal"),
    path("oncall/rules/<slug:ref>/removal", policies.rule_removal, name="rule_removal"),
    path("oncall/management", policies.management, name="management"),
    path("oncall/rooms", policies.rooms, name="rooms"),
    path("oncall/rooms/<slug:ref>/trial", policies.room_trial, name="room_trial"),
    path("oncall/rooms/<slug:ref>/removal", policies.room_removal, name="room_removal"),
    path("oncall/changes/<slug:ref>/removal", schedule.remove_change, name="remove_change"),
    path("oncall/swaps", swaps.ask, name="ask_swap"),
    path("oncall/swaps/<slug:ref>/taking", swaps.take, name="take_swap"),
    path("oncall/swaps/<slug:ref>/return", swaps.give_back, name="give_swap_back"),
    path("oncall/swaps/<slug:ref>/withdrawal", swaps.withdraw, name="withdraw_swap"),
    path("pages", pages.page_list, name="pages"),
    path("pages/<slug:ref>", pages.page, name="page"),
    path("pages/<slug:ref>/acknowledgement", pages.acknowledgement, name="acknowledgement"),
    path("pages/<slug:ref>/escalation", pages.escalation, name="escalation"),
    path("pages/<slug:ref>/handover", pages.handover, name="page_handover"),
    path("pages/<slug:ref>/resolution", pages.resolution, name="page_resolution"),
    path("p/<slug:ref>", phone.page_on_phone, name="page_on_phone"),
    path("p/<slug:ref>/<str:token>", phone.signed_page, name="signed_page"),
    path("phone", phone.phone, name="phone"),
    path("phone/part", phone.phone_part, name="phone_part"),
]
