"""Addresses of the on-call."""

from django.urls import path

from aftercare.oncall.views import (
    feeds,
    handovers,
    hours,
    ics,
    pages,
    phone,
    schedule,
    schedules,
    settings,
    swaps,
    trials,
)

app_name = "oncall"

urlpatterns = [
    path("oncall", schedule.oncall, name="oncall"),
    path("oncall/strip", schedule.strip, name="strip"),
    path("oncall/schedules.yaml", schedules.schedules_file, name="schedules_file"),
    path("oncall/schedules/file", schedules.take_file, name="take_file"),
    path("oncall/schedules/new", schedules.schedule, name="new_schedule"),
    path("oncall/schedules/<slug:ref>", schedules.schedule, name="schedule"),
    path("oncall/schedules/<slug:ref>/removal", schedules.remove_schedule, name="remove_schedule"),
    path("oncall/schedules/<slug:ref>/calendar", ics.take_calendar, name="take_calendar"),
    path("oncall/settings", settings.settings, name="settings"),
    path("oncall/coverage", schedule.coverage_page, name="coverage"),
    path("oncall/handovers", handovers.handover_list, name="handovers"),
    path("oncall/handovers/<slug:ref>", handovers.handover, name="handover"),
    path("oncall/handovers/<slug:ref>/sign-in", handovers.sign_in, name="sign_in"),
    path("oncall/hours.csv", hours.hours_file, name="hours_file"),
    path("oncall/calendars", feeds.feeds, name="feeds"),
    path("oncall/calendars/<slug:ref>/removal", feeds.remove_feed, name="remove_feed"),
    path("calendar/<slug:secret>.ics", feeds.calendar, name="calendar"),
    path("oncall/policy", schedule.policy, name="policy"),
    path("oncall/changes/<slug:ref>/removal", schedule.remove_change, name="remove_change"),
    path("oncall/swaps", swaps.ask, name="ask_swap"),
    path("oncall/swaps/<slug:ref>/taking", swaps.take, name="take_swap"),
    path("oncall/swaps/<slug:ref>/return", swaps.give_back, name="give_swap_back"),
    path("oncall/swaps/<slug:ref>/withdrawal", swaps.withdraw, name="withdraw_swap"),
    path("pages", pages.page_list, name="pages"),
    path("pages/<slug:ref>", pages.page, name="page"),
    path("pages/<slug:ref>/acknowledgement", pages.acknowledgement, name="acknowledgement"),
    path("pages/<slug:ref>/escalation", pages.escalation, name="escalation"),
    path("p/<slug:ref>", phone.page_on_phone, name="page_on_phone"),
    path("p/<slug:ref>/<str:token>", phone.signed_page, name="signed_page"),
    path("t/<slug:ref>/<str:token>", trials.signed_trial, name="signed_trial"),
    path("phone", phone.phone, name="phone"),
    path("phone/part", phone.phone_part, name="phone_part"),
]
