"""Everything a page of the desk can do, the API can: each route of a page names its operation, or says why none is."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from ninja import Schema

from aftercare.accounts.models import User
from aftercare.clocks import urls as clocks
from aftercare.desk import urls as desk
from aftercare.incidents import urls as incidents
from aftercare.incidents.assurance import urls as assurance
from aftercare.oncall import urls as oncall
from aftercare.urls import api
from aftercare.watch import urls as watch
from tests.api.calling import Program
from tests.smoke.routes import NOBODY, Things, make_things
from tests.world import World

ROOT = Path(__file__).parents[2]
VENDOR = "a vendor or homeserver calls it, signed in its own way"
VISITOR = "the chat window's own protocol, for a visitor with the window's token"
PART = "a part of a page that another operation tells whole: "
WECOM = "lives inside WeCom's own app, whose sign-in it needs"

# Of the room watch, heartbeats and hidden risks are in the API so far.
HEARTBEATS = [route for route in watch.urlpatterns if str(route.pattern).startswith(("heartbeats", "risk"))]
# Of the on-call, what escalates.
OF_ESCALATION = ("polic", "rule", "room", "management")
ESCALATION = [route for route in oncall.urlpatterns if any(word in route.name for word in OF_ESCALATION)]
# Of the on-call, schedules with what differs from them, coverage and settings are in the API so far.
ONCALL = {
    *("oncall", "coverage", "settings", "schedule", "new_schedule", "remove_schedule", "take_calendar"),
    *("remove_change", "ask_swap", "take_swap", "give_swap_back", "withdraw_swap"),
}
# Of the incidents, event assurances are: read, and ticked off.
ASSURANCE = {
    "assurances": ("GET /assurances",),
    "assurance": ("GET /assurances/{ref}",),
    "assurance_item_done": ("POST /assurances/{ref}/items/{item}",),
}
# By the route's name: the operations that do the same, or a sentence why none is meant.
DECISIONS: dict[str, tuple[str, ...] | str] = {
    **ASSURANCE,
    "alert_closing": ("POST /alerts/{ref}/closing",),
    "alerts_in": "a monitoring system calls it, with the key of its source",
    "alerts_in_bearer": "a monitoring system calls it, with the key of its source",
    "sources": ("GET /alert-sources",),
    "new_source": ("POST /alert-sources",),
    "source": ("GET /alert-sources/{ref}", "PUT /alert-sources/{ref}", "GET /alert-sources/{ref}/refusals"),
    "source_trial": ("POST /alert-sources/{ref}/trial",),
    "source_key": ("POST /alert-sources/{ref}/key",),
    "source_revocation": ("DELETE /alert-sources/{ref}",),
    "inbox_rows": PART + "GET /tickets",
    "unknown_chats": ("GET /unknown-chats",),
    "adopt_chat": ("POST /unknown-chats/{ref}/adoption",),
    "dismiss_chat": ("DELETE /unknown-chats/{ref}",),
    "wecom_consents": ("GET /wecom-accounts/{ref}/consents", "POST /wecom-accounts/{ref}/consents"),
    "chat_address": VISITOR,
    "calendar_removal": ("DELETE /calendars/{ref}",),
    "inbox": ("GET /tickets", "GET /views"),
    "aside_mails": ("GET /mails",),
    "aside_mail": ("GET /mails/{ref}",),
    "aside_placing": ("POST /mails/{ref}/placing",),
    "aside_dropping": ("POST /mails/{ref}/dropping",),
    "mailboxes": ("GET /mailboxes", "GET /mail-domains"),
    "mailbox_new": ("POST /mailboxes",),
    "mailbox": ("PUT /mailboxes/{ref}",),
    "mailbox_test": ("POST /mailboxes/{ref}/test",),
    "mailbox_opening": ("POST /mailboxes/{ref}/opening",),
    "mail_domain_new": ("POST /mail-domains",),
    "mail_domain_removal": ("DELETE /mail-domains/{domain}",),
    "search": ("GET /search",),
    "save_view": ("POST /views",),
    "view_counts": ("GET /views/counts",),
    "remove_view": ("DELETE /views/{ref}",),
    "bulk": ("POST /bulk",),
    "macros": ("GET /macros", "POST /macros"),
    "macro": ("PUT /macros/{ref}",),
    "remove_macro": ("DELETE /macros/{ref}",),
    "fields": ("GET /fields", "POST /fields", "PUT /fields/{ref}"),
    "new_ticket": ("POST /tickets",),
    "export": ("GET /export/tickets",),
    "calls": ("GET /call-backs",),
    "ratings": ("GET /ratings", "GET /ratings/figures"),
    "call": ("POST /call-backs/{ref}",),
    "upload": ("POST /files",),
    "file": ("GET /files/{ref}",),
    "discard_file": ("DELETE /files/{ref}",),
    "rating_link": "a signed link in a mail, for somebody who does not sign in",
    "next": ("POST /next",),
    "ticket": ("GET /tickets/{ref}", "POST /tickets/{ref}/reading", "GET /tickets/{ref}/moves"),
    "thread": ("GET /tickets/{ref}/messages", "GET /tickets/{ref}/events"),
    "evidence": ("GET /tickets/{ref}/evidence",),
    "look": ("POST /tickets/{ref}/look",),
    "macro_words": ("GET /tickets/{ref}/macros/{macro}",),
    "tags": ("GET /tickets/{ref}/tags", "PUT /tickets/{ref}/tags"),
    "answers": ("GET /tickets/{ref}/answers", "PUT /tickets/{ref}/answers"),
    "snooze": ("POST /tickets/{ref}/snooze", "DELETE /tickets/{ref}/snooze"),
    "reminders": ("GET /tickets/{ref}/reminders", "POST /tickets/{ref}/reminders"),
    "merge": ("POST /tickets/{ref}/merge",),
    "split": ("POST /tickets/{ref}/split",),
    "undo_move": ("POST /tickets/{ref}/move-undone",),
    "parent": ("PUT /tickets/{ref}/parent", "GET /tickets/{ref}/family"),
    "family_answer": ("POST /tickets/{ref}/family-answer",),
    "messages": ("POST /tickets/{ref}/messages",),
    "claim": ("POST /tickets/{ref}/claim",),
    "assignment": ("POST /tickets/{ref}/assignment",),
    "severity": ("POST /tickets/{ref}/severity",),
    "solution": ("POST /tickets/{ref}/solution",),
    "reopening": ("POST /tickets/{ref}/reopening",),
    "confirmation": ("POST /tickets/{ref}/confirmation",),
    "clocks": ("GET /tickets/{ref}/clocks",),
    "following": ("GET /tickets/{ref}/following", "POST /tickets/{ref}/following", "DELETE /tickets/{ref}/following"),
    "rating": ("GET /tickets/{ref}/rating", "POST /tickets/{ref}/rating"),
    "separation": ("POST /tickets/{ref}/separation",),
    "plan_call": ("GET /tickets/{ref}/call-backs", "POST /tickets/{ref}/call-backs"),
    "emergency": ("GET /green/{ref}",),
    "downgrade": ("POST /tickets/{ref}/downgrade",),
    "green": ("POST /green",),
    "green_call": ("GET /green/{ref}",),
    "green_api": ("POST /green",),
    "customer_calls": ("GET /customers/{ref}/emergencies",),
    "groups": ("GET /groups", "GET /groups/figures"),
    "new_group": ("POST /groups",),
    "group": ("GET /groups/{ref}",),
    "group_thread": ("GET /groups/{ref}/messages",),
    "group_messages": ("POST /groups/{ref}/messages",),
    "group_ticket": ("POST /groups/{ref}/messages/{message}/ticket",),
    "group_waiver": ("POST /groups/{ref}/waiver",),
    "group_settings": ("PUT /groups/{ref}",),
    "matrix_transaction": VENDOR,
    "matrix_ping": VENDOR,
    "matrix_user": VENDOR,
    "matrix_room": VENDOR,
    "homeservers": ("GET /homeservers", "POST /homeservers"),
    "homeserver_registration": ("POST /homeservers/{ref}/registration",),
    "wecom_sidebar": WECOM,
    "wecom_sidebar_group": WECOM,
    "wecom_entry": WECOM,
    "wecom_link": WECOM,
    "wecom_hand_over": WECOM,
    "wecom_callback": VENDOR,
    "wecom_accounts": ("GET /wecom-accounts", "POST /wecom-accounts"),
    "wecom_account": ("PUT /wecom-accounts/{ref}",),
    "feishu_hook": VENDOR,
    "dingtalk_hook": VENDOR,
    "slack_hook": VENDOR,
    "telegram_hook": VENDOR,
    "wecom_bot_hook": VENDOR,
    "chat_answer": ("POST /tickets/{ref}/chat",),
    "chat_answer_typing": ("POST /tickets/{ref}/chat/typing",),
    "chat_answer_reading": ("POST /tickets/{ref}/chat/reading",),
    "presence": ("GET /presence", "PUT /presence"),
    "chat_widgets": ("GET /chat-widgets",),
    "chat_widget_new": ("POST /chat-widgets",),
    "chat_widget": ("PUT /chat-widgets/{ref}",),
    "chat_widget_secret": ("POST /chat-widgets/{ref}/secret",),
    "chat_loader": VISITOR,
    "chat": VISITOR,
    "chat_state": VISITOR,
    "chat_session": VISITOR,
    "chat_messages": VISITOR,
    "chat_stream": VISITOR,
    "chat_typing": VISITOR,
    "chat_reading": VISITOR,
    "chat_files": VISITOR,
    "chat_file": VISITOR,
    "hand_over": ("POST /tickets/{ref}/hand-over", "GET /tickets/{ref}/course"),
    "return": ("POST /tickets/{ref}/return",),
    "needs": ("PUT /tickets/{ref}/needs",),
    "sessions": ("GET /tickets/{ref}/sessions",),
    "ask_facts": ("POST /tickets/{ref}/facts/request", "GET /tickets/{ref}/facts"),
    "answer_facts": ("POST /tickets/{ref}/facts/answers",),
    "facts": ("POST /tickets/{ref}/facts/session",),
    "logs": ("GET /tickets/{ref}/logs", "POST /tickets/{ref}/logs"),
    "log_steps": ("POST /tickets/{ref}/logs/{log}",),
    "complaints_intake": "it is an API already, for a customer's systems with an app's key",
    "complaints": ("GET /complaints", "GET /complaints/counts", "GET /apps/{ref}/complaints/counts"),
    "complaints_upload": ("POST /apps/{ref}/complaints/file",),
    "complaints_csv": ("GET /apps/{ref}/complaints/export",),
    "hook": VENDOR,
    "phone": ("GET /calls", "GET /calls/backs"),
    "new_call": ("POST /calls",),
    "new_back": ("POST /calls/backs",),
    "finish_back": ("POST /calls/backs/{ref}",),
    "trackers": ("GET /trackers",),
    "new_tracker": ("POST /trackers",),
    "tracker_state": ("PUT /trackers/{ref}/state",),
    "tracker_trial": ("POST /trackers/{ref}/trial",),
    "defects": ("GET /tickets/{ref}/defects", "POST /tickets/{ref}/defects"),
    "board": ("GET /board",),
    "hours": ("GET /hours",),
    "hours_csv": PART + "GET /hours",
    "routing": ("GET /routing/people", "GET /routing/customers"),
    "agent": ("PUT /routing/people/{ref}", "DELETE /routing/people/{ref}"),
    "expert": ("PUT /routing/customers/{ref}",),
    "heartbeats": ("GET /heartbeats",),
    "new_heartbeat": ("POST /heartbeats",),
    "heartbeat": (
        *("GET /heartbeats/{ref}", "PUT /heartbeats/{ref}"),
        *("GET /heartbeats/{ref}/pings", "GET /heartbeats/{ref}/changes"),
    ),
    "heartbeat_pause": ("POST /heartbeats/{ref}/pause", "DELETE /heartbeats/{ref}/pause"),
    "heartbeat_key": ("POST /heartbeats/{ref}/key",),
    "heartbeat_deletion": ("DELETE /heartbeats/{ref}",),
    "risks": ("GET /risks",),
    "risk_outcomes": ("GET /risks/outcomes",),
    "risk": ("GET /risks/{ref}", "GET /risks/{ref}/history"),
    "risk_taking": ("PUT /risks/{ref}/owner",),
    "risk_note": ("POST /risks/{ref}/notes",),
    "risk_closing": ("POST /risks/{ref}/closing", "DELETE /risks/{ref}/closing"),
    "risk_rules": ("GET /risk-rules",),
    "new_risk_rule": ("POST /risk-rules",),
    "risk_rule": ("GET /risk-rules/{ref}", "PUT /risk-rules/{ref}"),
    "risk_figure": ("GET /risk-rules/{ref}/figures", "POST /risk-rules/{ref}/figures"),
    "risk_rule_deletion": ("DELETE /risk-rules/{ref}",),
    "policies": ("GET /escalation-policies", "GET /escalation-rules", "POST /escalation-rules"),
    "new_policy": ("POST /escalation-policies",),
    "policy": ("GET /escalation-policies/{ref}", "PUT /escalation-policies/{ref}"),
    "policy_default": ("PUT /escalation-policies/{ref}",),
    "policy_removal": ("DELETE /escalation-policies/{ref}",),
    "rule_removal": ("DELETE /escalation-rules/{ref}",),
    "management": ("GET /management-escalation", "PUT /management-escalation"),
    "rooms": ("GET /escalation-rooms", "POST /escalation-rooms"),
    "room_trial": ("POST /escalation-rooms/{ref}/trial",),
    "room_removal": ("DELETE /escalation-rooms/{ref}",),
    "oncall": (
        *("GET /on-call", "GET /schedules", "GET /schedules/{ref}/changes", "POST /schedules/{ref}/changes"),
        "GET /schedules/{ref}/swaps",
    ),
    "coverage": ("GET /coverage", "GET /test-calls"),
    "settings": ("GET /oncall-settings", "PUT /oncall-settings"),
    "new_schedule": ("POST /schedules",),
    "schedule": (
        *("GET /schedules/{ref}", "PUT /schedules/{ref}", "GET /schedules/{ref}/shifts"),
        "GET /schedules/{ref}/versions",
    ),
    "remove_schedule": ("DELETE /schedules/{ref}",),
    "take_calendar": ("POST /schedules/{ref}/calendar",),
    "remove_change": ("DELETE /changes/{ref}",),
    "ask_swap": ("POST /schedules/{ref}/swaps",),
    "take_swap": ("POST /swaps/{ref}/taking",),
    "give_swap_back": ("POST /swaps/{ref}/return",),
    "withdraw_swap": ("POST /swaps/{ref}/withdrawal",),
    "calendars": ("GET /calendars",),
    "new_calendar": ("POST /calendars",),
    "calendar": ("GET /calendars/{ref}", "PUT /calendars/{ref}"),
}

# Of the incidents, what their own pages do; their parts (changes, reviews, status pages and so on) are not held yet.
INCIDENTS: dict[str, tuple[str, ...] | str] = {
    "now": PART + "GET /incidents, with what is unresolved",
    "broken": PART + "GET /incidents, with what is unresolved",
    "search": ("GET /search",),
    "marks": "what a chart of an app marks: GET /incidents tells the same rows",
    "incidents": ("GET /incidents",),
    "declare": ("POST /incidents",),
    "of_ticket": PART + "POST /incidents and POST /incidents/{ref}/tickets do what it offers",
    "strip": PART + "GET /incidents, with what is unresolved",
    "incident": ("GET /incidents/{ref}", "GET /incidents/{ref}/timeline"),
    "live": PART + "GET /incidents/{ref}",
    "measured": "charts drawn for people; the figures are those of the alerts' metrics",
    "acknowledgement": ("POST /incidents/{ref}/acknowledgement",),
    "notes": ("POST /incidents/{ref}/notes",),
    "customers": ("POST /incidents/{ref}/customers",),
    "others": PART + "GET /customers lists whom it could touch",
    "customer_removal": ("DELETE /incidents/{ref}/customers/{customer}",),
    "tickets": ("POST /incidents/{ref}/tickets",),
    "mitigation": ("POST /incidents/{ref}/mitigation",),
    "roles": ("PUT /incidents/{ref}/roles/{role}",),
    "tasks": ("POST /incidents/{ref}/tasks",),
    "task_done": ("POST /incidents/{ref}/tasks/{task}/end",),
    "task_change": ("PUT /incidents/{ref}/tasks/{task}",),
    "updates": (
        "GET /incidents/{ref}/updates",
        "GET /incidents/{ref}/draft",
        "GET /incidents/{ref}/readings",
        "POST /incidents/{ref}/updates",
    ),
    "resolution": ("POST /incidents/{ref}/resolution",),
    "reopening": ("POST /incidents/{ref}/reopening",),
    "edit": ("PUT /incidents/{ref}",),
    "spared": ("POST /incidents/{ref}/customers/{customer}/sparing",),
    "probable": PART + "whom the map says that it may touch too, as the page guesses it",
    "update_templates": ("GET /update-templates",),
    "new_update_template": "worded by people on the page, with both languages before their eyes",
    "update_template": "worded by people on the page, with both languages before their eyes",
    "update_template_removal": "done on the page by whoever words them",
    "figures": "a page of figures with the rows behind each; as a file by figure_rows",
    "line": (
        "POST /incidents/{ref}/timeline/{entry}/annotations",
        "PUT /incidents/{ref}/annotations/{annotation}",
        "DELETE /incidents/{ref}/annotations/{annotation}",
    ),
    "merging": ("POST /incidents/{ref}/merging",),
    "figure_rows": "a file for spreadsheets, fetched by the page of figures",
}


def operations() -> dict[str, dict[str, Any]]:
    """Every operation of the description by its method and path."""
    told = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": call
        for path, calls in told.items()
        for method, call in calls.items()
    }


def test_every_route_of_a_page_has_its_operation_or_a_reason() -> None:
    told = [
        route for route in watch.urlpatterns if "source" in route.name or route.name.startswith(("alert_", "alerts_"))
    ]
    told += [route for route in oncall.urlpatterns if route.name in ONCALL]
    told += [route for route in assurance.urlpatterns if route.name in ASSURANCE]
    names = [route.name for route in (*desk.urlpatterns, *clocks.urlpatterns, *told, *HEARTBEATS, *ESCALATION)]
    undecided = [name for name in names if name not in DECISIONS]
    assert not undecided, f"say in {__name__} which operation does the same, or why none is meant: {undecided}"
    assert not set(DECISIONS) - set(names), "these routes are gone"
    known = operations()
    for name, decided in DECISIONS.items():
        if isinstance(decided, str):
            assert len(decided) > 20, f"{name}: a reason is a sentence"
            continue
        for operation in decided:
            assert operation in known, f"{name}: there is no {operation}"


def test_every_route_of_an_incidents_own_page_has_its_operation_or_a_reason() -> None:
    names = {route.name for route in incidents.urlpatterns if isinstance(route, URLPattern)}
    assert names == set(INCIDENTS), "a route is undecided, or gone"
    known = operations()
    for name, decided in INCIDENTS.items():
        if isinstance(decided, str):
            assert len(decided) > 20, f"{name}: a reason is a sentence"
        else:
            assert not set(decided) - set(known), name


def test_every_operation_says_what_it_does_takes_and_refuses() -> None:
    for name, call in operations().items():
        assert call["summary"] and call["tags"] and call["description"], name
        assert {401, 403, 404, 409, 422, 429} <= {int(status) for status in call["responses"]}, name
        told = {int(status): answer.get("content") for status, answer in call["responses"].items()}
        assert min(told) < 300 and all(content or status == 204 for status, content in told.items()), name


@pytest.mark.parametrize("page", ["docs/api.md", "docs/zh/api.md"])
def test_the_docs_name_every_path(page: str) -> None:
    code = re.findall(r"`([^`\n]+)`", (ROOT / page).read_text())
    named = set(re.findall(r"[a-z][a-z-]*", " ".join(code)))
    for name in operations():
        words = [part for part in name.split("/")[1:] if "{" not in part]
        assert words[-1] in named, f"{page} does not name {name}"


def test_no_two_shapes_share_a_name() -> None:
    """The description keeps one shape under each name: the second of a name would hide the first."""
    shapes = [shape for shape in subclasses(Schema) if shape.__module__.startswith("aftercare.")]
    names = [shape.__name__ for shape in shapes]
    assert len(names) > 100
    assert [name for name in names if names.count(name) > 1] == []


def subclasses(shape: type) -> list[type]:
    """Everything made out of it, however far down, each once."""
    found = {one for child in shape.__subclasses__() for one in (child, *subclasses(child))}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def sample(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """A body that a schema takes, with every field that it asks for."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], parts)
    match schema.get("type"):
        case "object":
            asked = schema.get("required", [])
            return {name: sample(schema["properties"][name], parts) for name in asked}
        case "array":
            return []
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "string" if "pattern" in schema:
            return "a" * 32  # of tokens, the only ones that have one
        case "string":
            return {"date-time": "2030-01-02T03:04:05Z", "date": "2030-01-02"}.get(schema.get("format", ""), "x")
    return None


@pytest.fixture
def things(world: World, telemetry: Any) -> Things:
    return make_things(world, telemetry)


def paths_of(things: Things) -> dict[str, dict[str, Any]]:
    """The operations with parameters, with their paths filled from one customer's things, and a body each."""
    told = api.get_openapi_schema()
    filled = {}
    for name, call in operations().items():
        path = name.partition(" ")[2]
        if "{" not in path:
            continue
        route = "api/v1" + path.replace("{", "<").replace("}", ">")
        prefix = max((one for one in things.fills if route.startswith(one)), key=len)
        body = call.get("requestBody", {}).get("content", {}).get("application/json")
        facts = sample(body["schema"], told["components"]["schemas"]) if body else None
        filled[name] = {"path": path.format(**things.fills[prefix]), "body": facts}
    return filled


@pytest.mark.parametrize("who", ["stranger", "viewer"])
def test_walls_stand_before_every_thing(world: World, things: Things, who: str) -> None:
    """Of another customer's things nothing is there; of one's own a read-only member changes nothing."""
    user: User = world.people[who]
    program = Program(world, user)
    for name, call in paths_of(things).items():
        method, _space, path = name.partition(" ")
        if who == "viewer" and (method == "GET" or path.endswith("/following") or path.endswith("/reading")):
            continue
        send = getattr(program.client, method.lower())
        if method == "GET":
            answer = send(f"/api/v1{call['path']}")
        else:
            answer = send(f"/api/v1{call['path']}", call["body"] or {}, content_type="application/json")
        expected = (404,) if who == "stranger" else (403, 404)
        if who == "stranger" and not path.startswith(("/tickets", "/groups", "/files", "/green", "/apps")):
            expected = (403, 404)
        assert answer.status_code in expected, (name, answer.status_code, answer.content[:300])


def test_nothing_is_told_without_a_token(world: World) -> None:
    nobody = Client()
    for name in operations():
        method, _space, path = name.partition(" ")
        path = path.replace("{", "").replace("}", "") + ("" if "{" not in path else NOBODY)
        answer = getattr(nobody, method.lower())(f"/api/v1{path}", content_type="application/json")
        assert answer.status_code in (401, 404, 405), (name, answer.status_code)
