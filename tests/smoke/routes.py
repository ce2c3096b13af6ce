"""Every address of the URL table, generated, with its parameters filled from the things of one customer."""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import URLPattern, URLResolver, get_resolver

from aftercare.accounts.actions.data_requests import request_user_data
from aftercare.accounts.actions.people import invite_person
from aftercare.accounts.actions.tokens import issue_token
from aftercare.accounts.models import App, Customer, User
from aftercare.clocks.calendars import CalendarFacts, save_calendar
from aftercare.desk import actions as desk
from aftercare.desk.accounts import CALLS, add_account
from aftercare.desk.actions.complaints import take_complaints
from aftercare.desk.actions.logs import request_log
from aftercare.desk.actions.phone import promise_call_back
from aftercare.desk.actions.tiers import hand_over
from aftercare.desk.complaints.rows import Told
from aftercare.desk.engine.searching import index_changed
from aftercare.desk.files import keep_file
from aftercare.desk.inward import take_in
from aftercare.desk.models import (
    AsideMail,
    Field,
    Group,
    Inbound,
    Macro,
    MailDomain,
    Rating,
    SavedView,
    Ticket,
    UnknownChat,
)
from aftercare.desk.ratings import rating_path
from aftercare.desk.tests.chatting import make_widget
from aftercare.incidents.annotating.actions import annotate
from aftercare.incidents.assurance.checklist import add_item
from aftercare.incidents.models import Incident, Subscription
from aftercare.incidents.noise.actions import make_rule, make_silence
from aftercare.incidents.noise.matching import Match
from aftercare.incidents.review.follow_ups import add_follow_up
from aftercare.incidents.review.post_mortem import begin
from aftercare.incidents.runbooks.keeping import save_runbook
from aftercare.incidents.runbooks.running import plan_drill, start_run
from aftercare.incidents.status import keeping
from aftercare.incidents.status.addresses import secret_of
from aftercare.incidents.telling.templates import TemplateFacts, save_template
from aftercare.incidents.tests.changing import announced, freeze
from aftercare.incidents.tests.gala import make_gala, with_rules
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.actions import add_contact
from aftercare.notify.models import Account, Delivery
from aftercare.notify.tokens import confirmation_path
from aftercare.notify.webhooks import add_endpoint
from aftercare.oncall.actions import add_room, save_policy, save_rule
from aftercare.oncall.models import Change, Feed, Handover, Page, Schedule, Swap, TrialCall
from aftercare.oncall.tests.cast import make_duty
from aftercare.oncall.tokens import link_path, trial_path
from aftercare.telemetry.actions.resources import add_resource, serve_customer
from aftercare.telemetry.actions.scrape_targets import TargetFacts, add_scrape_target
from aftercare.telemetry.engine import process_due
from aftercare.telemetry.tests.made import crowd
from aftercare.watch.actions import raise_alerts
from aftercare.watch.heartbeats.actions import create_heartbeat
from aftercare.watch.heartbeats.types import HeartbeatFacts
from aftercare.watch.models import Alert, MonitorState
from aftercare.watch.outside.keeping import create_source
from aftercare.watch.outside.types import SourceFacts
from aftercare.watch.probes.actions import create_target
from aftercare.watch.probes.types import ProbeFacts
from aftercare.watch.risks.engine import process_due as look_at_risks
from aftercare.watch.risks.rules import create_rule
from aftercare.watch.risks.types import RiskFacts
from aftercare.watch.types import Told as AlertTold
from tests.world import World

NOBODY = "zzzzzzzzzzzz"


@dataclass(frozen=True)
class Route:
    """One pattern: its text, its name with its room, and the names of its parameters."""

    pattern: str
    name: str
    parameters: tuple[str, ...]

    def path(self, values: dict[str, Any]) -> str:
        """The address with these values."""
        return self.url.format(**values)

    @property
    def url(self) -> str:
        """The pattern as a format string."""
        text = "/" + self.pattern.replace("^", "").replace("$", "")
        for name in self.parameters:
            start = text.index(f"{name}>")
            opening = text.rfind("<", 0, start)
            opening -= 3 * text[:opening].endswith("(?P")
            end = closing_of(text, opening) if text[opening] == "(" else start + len(name) + 1
            text = f"{text[:opening]}{{{name}}}{text[end:]}"
        return text


def closing_of(text: str, opening: int) -> int:
    """The place after the parenthesis that closes the one at `opening`."""
    depth = 0
    for place in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    raise AssertionError(f"{text} does not close")


def all_routes(
    resolver: URLResolver | None = None, prefix: str = "", space: str = "", outer: tuple[str, ...] = ()
) -> list[Route]:
    """The URL table, flat; an address that an earlier pattern hides is left out."""
    found: dict[str, Route] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        names = (*outer, *(getattr(entry.pattern, "converters", None) or entry.pattern.regex.groupindex))
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            for route in all_routes(entry, pattern, inner, names):
                found.setdefault(route.pattern, route)
        elif isinstance(entry, URLPattern):
            found.setdefault(pattern, Route(pattern, f"{space}{entry.name or '-'}", names))
    return list(found.values())


@dataclass
class Things:
    """One customer with something of everything, and words that nobody else may ever read."""

    customer: Customer
    app: App
    person: User
    session: str
    marks: list[str] = field(default_factory=list)
    fills: dict[str, dict[str, Any]] = field(default_factory=dict)
    posted: dict[str, str] = field(default_factory=dict)
    called: dict[str, Any] = field(default_factory=dict)  # what the API asks for beside what forms post

    def fill(self, route: Route) -> dict[str, Any]:
        """Values for a route's parameters; fails for a route nobody has thought of, so that new ones are looked at."""
        if not route.parameters:
            return {}
        known = max((prefix for prefix in self.fills if route.pattern.startswith(prefix)), key=len, default=None)
        values = self.fills[known] if known is not None else {}
        missing = [name for name in route.parameters if name not in values]
        assert not missing, f"{route.pattern} ({route.name}): say in tests/smoke/routes.py how to fill {missing}"
        return {name: values[name] for name in route.parameters}

    def facts(self, route: Route) -> dict[str, Any]:
        """What is posted there: a form's fields, and for the API what it asks for beside."""
        return {**self.posted, **self.called} if route.pattern.startswith("api/") else dict(self.posted)

    def nobody(self, route: Route) -> dict[str, Any]:
        """The same for things that do not exist."""
        made = {str: NOBODY, int: 999_999_999}
        return {name: made[type(value)] for name, value in self.fill(route).items()}


def forged(path: str) -> str:
    """The signature at the end of a signed link, with its last letters changed."""
    signature = path.rpartition("/")[2]
    return signature[:-3] + ("abc" if not signature.endswith("abc") else "cba")


def measure(telemetry: Any, app: App, name: str, text: str) -> None:
    """One gauge with one point now, under this name, with this text as unit, label and value."""
    told = {"customer": app.customer_id, "app": app.pk, "name": name, "text": text}
    telemetry.pool.command(
        "INSERT INTO series SELECT {customer:UInt32}, {app:UInt32}, 30, today(), {name:String}, "
        "cityHash64({name:String}), 'gauge', {text:String}, map({text:String}, {text:String})",
        told,
    )
    telemetry.pool.command(
        "INSERT INTO points SELECT {customer:UInt32}, {app:UInt32}, 30, 1, cityHash64({name:String}), "
        "now64(3) - 60, 4.5",
        told,
    )


def make_things(world: World, telemetry: Any) -> Things:
    """Give Starlight Show an incident with its page and ticket, telemetry, rules, people, exports and resources."""
    now, app, zhao = world.now, world.show_app, world.zhao
    rows = crowd(app, now.replace(microsecond=0), 12, prefix="marked-session-", stall_ms=3000, stream="marked-stream")
    telemetry.add([row | {"ts": now, "user": f"marked-user-{n}"} for n, row in enumerate(rows)])
    telemetry.pool.command(
        "INSERT INTO rejects SELECT {customer:UInt32}, {app:UInt32}, now64(3), 'cmcd', 3, 'marked-reason', 'x'",
        {"customer": world.show.pk, "app": app.pk},
    )
    measure(telemetry, app, "marked.measurement", "marked-host")
    make_duty(world)
    alert = open_alert(world, at=now)
    MonitorState.objects.create(monitor=alert.monitor, changed_at=now)
    ticket, incident, page = Ticket.objects.get(), Incident.objects.get(), Page.objects.get()
    source = create_source(
        kind="alertmanager", place=app, facts=SourceFacts("marked-source"), actor=world.ada, now=now
    ).source
    (said,) = raise_alerts(origin=source, told=[AlertTold("marked-print", "marked-title")], now=now).opened
    told_alert = Alert.objects.get(pk=said)
    desk.reply(ticket=ticket, author=zhao, body="marked-words of the customer", now=now)
    contact = add_contact(user=zhao, channel="webhook", address="https://hook.starlight.example/marked", now=now)
    invited = invite_person(
        customer=world.show, email="new@starlight.example", name="Marked Newcomer", role="viewer", actor=zhao, now=now
    )
    export = request_user_data(customer=world.show, kind="export", identifier="alice", actor=zhao, now=now)
    for _ in range(6):
        process_due(now)
    resource = add_resource(kind="edge", name="edge-sh-01", parent=None, actor=world.ada, now=now)
    tie = serve_customer(resource=resource, customer=world.show, app=app, actor=world.ada, now=now)
    facts = TargetFacts("marked-target", "http://marked-exporter.example:9100/metrics", 15, 10)
    scraped = add_scrape_target(app=app, resource=None, facts=facts, actor=zhao, now=now)
    factor = Authenticator.objects.create(user=world.developer, type="webauthn", data={"name": "marked-passkey"})
    schedule = Schedule.objects.first()
    assert schedule is not None
    change = Change.objects.create(
        schedule=schedule,
        user=world.mei,
        starts_at=now,
        ends_at=now + timedelta(hours=8),
        created_at=now,
    )
    swap = Swap.objects.create(
        schedule=schedule, asked_by=world.eng, starts_at=now, ends_at=now + timedelta(hours=8), asked_at=now
    )
    handover = Handover.objects.create(schedule=schedule, at=now, note="marked note")
    trial = TrialCall.objects.create(user=world.eng, month=now.date().replace(day=1), due_at=now, called_at=now)
    feed = Feed.objects.create(owner=world.eng, schedule=schedule, digest="0" * 64, created_at=now)
    policy = save_policy(name="marked-policy", steps=[(schedule, 300)], actor=world.ada, now=now)
    rule = save_rule(customer=world.show, severity="red", policy=policy, actor=world.ada, now=now)
    hook = "https://hook.provider.example/marked-room"
    room, _secret = add_room(name="marked-room", account=None, address=hook, actor=world.ada, now=now)
    facts = ProbeFacts("marked-target", "hls", "https://live.starlight.example/marked.m3u8")
    target = create_target(app=app, facts=facts, actor=zhao, now=now)
    beat_facts = HeartbeatFacts("marked-heartbeat", every_s=60)
    heartbeat = create_heartbeat(customer=world.show, app=app, facts=beat_facts, actor=zhao, now=now)
    runs_out = RiskFacts("marked-licence", "licence", "date", expires_on=now.date() + timedelta(days=20))
    risk_rule = create_rule(customer=world.show, app=app, facts=runs_out, owner=zhao, actor=zhao, now=now)
    look_at_risks(now)
    risk = risk_rule.risks.get()
    webhook = add_endpoint(actor=zhao, url="https://hook.starlight.example/marked-events", now=now)
    log = Delivery.objects.create(
        endpoint=webhook, channel="webhook", kind="marked-kind", subject_ref="x", title="x", due_at=now, created_at=now
    )
    token = issue_token(user=zhao, label="marked-token", life_days=1, now=now).token
    account = Account.objects.create(channel="feishu", name="marked-account", created_at=now)
    group = Group.objects.create(
        customer=world.show,
        account=account,
        chat_id="marked-chat",
        name="marked-group",
        expert=world.eng,
        created_at=now,
        updated_at=now,
    )
    wang = desk.contact_of(account=account, external_id="w", name="marked-wang", customer_id=world.show.pk, now=now)
    asked = desk.post_in_group(
        group=group, speaker=wang, body="marked-question", account=account, provider_message_id="m-1", now=now
    )
    called = desk.raise_emergency(
        customer=world.show, app=app, sentence="marked-emergency", caller=zhao, way="green", now=now
    )
    calendar = save_calendar(
        calendar=None,
        facts=CalendarFacts("marked-calendar", "", "UTC", "", False, (((0, 86_400),),) * 7, {}),
        actor=world.ada,
        now=now,
    )
    unplaced = UnknownChat.objects.create(
        account=account, chat_id="marked-elsewhere", name="marked-chat", first_seen_at=now, last_seen_at=now
    )
    hook = Account.objects.create(channel="telegram", name="marked-account", created_at=now)
    box = Account.objects.create(channel="email", name="marked-box", config={"address": "s@p.example"}, created_at=now)
    domain = MailDomain.objects.create(customer=world.show, domain="marked.example", added_at=now)
    raw = b"From: marked-eve@elsewhere.example\r\nSubject: marked-subject\r\n\r\nmarked-words"
    take_in(account=box, provider_message_id="marked-mail", raw=raw, now=now)
    aside = AsideMail.objects.create(
        inbound=Inbound.objects.get(), reason="stranger", subject="marked-subject", received_at=now, claimed=ticket
    )
    widget, _secret = make_widget(world)
    visitor, _token = desk.begin_session(widget=widget, identity="", language="en", now=now)
    desk.post_chat(visitor=visitor, client_id="marked-client", body="marked-words of a visitor", now=now)
    centre, _secret = add_account(use=CALLS, name="marked-centre", config={}, actor=world.ada, now=now)
    back = promise_call_back(
        number="+86 138 0000 0009", owner=world.agent, due_at=now, ticket=ticket, actor=world.agent, now=now
    )
    told = Told("marked-complaint", "alice", now, "marked-words of a user", "", "marked-stream")
    take_complaints(app=app, rows=[told], way="api", now=now)
    hand_over(ticket=ticket, to_tier=2, reason="marked-reason", tried="marked-trial", actor=world.agent, now=now)
    asked_log = request_log(ticket=ticket, identifier="marked-user-1", actor=world.agent, now=now)
    question = Field.objects.create(name="marked-field")
    chatted = Ticket.objects.get(way="chat")
    macro = Macro.objects.create(name="marked-macro", body="marked-answer", created_at=now)
    view = SavedView.objects.create(owner=world.mei, name="marked-view", is_shared=True, created_at=now)
    desk.tag_ticket(ticket=ticket, names=["marked-tag"], actor=world.agent, now=now)
    index_changed(now + timedelta(minutes=1))
    signature = forged(confirmation_path(contact))
    file = keep_file(name="marked-file.log", stream=io.BytesIO(b"marked-bytes"), uploaded_by=zhao, now=now)
    desk.reply(ticket=ticket, author=zhao, body="", attachments=[file], now=now)
    unsent = keep_file(name="marked-unsent.log", stream=io.BytesIO(b"marked-bytes"), uploaded_by=zhao, now=now)
    due_at = now + timedelta(days=1)
    call = desk.plan_call(ticket=ticket, owner=world.eng, due_at=due_at, note="marked-call", actor=world.mei, now=now)
    rating = Rating.objects.create(ticket=ticket, solved_at=now)
    desk.follow_ticket(ticket=ticket, user=zhao, follows=True, now=now)
    planned = announced(world, resources=[resource])
    frozen = freeze(world)
    silence = make_silence(
        reason="marked-silence",
        match=Match(customer=world.social.ref, metric="push_rtt"),
        holds_red=False,
        starts_at=None,
        ends_at=now + timedelta(hours=1),
        actor=world.eng,
        now=now,
    )
    inhibition = make_rule(
        name="marked-inhibition",
        source=Match(metric="push_rtt"),
        target=Match(metric="join_time"),
        same="app",
        actor=world.mei,
        now=now,
    )
    first = incident.timeline.order_by("pk")[0]
    line = annotate(incident=incident, entry_id=first.pk, text="marked-annotation", author=world.eng, now=now)
    report = begin(incident=incident, actor=world.eng, now=now)
    words = TemplateFacts("CDN down", "identified", "{title}.", "{title}。")
    template = save_template(template=None, facts=words, seen=0, actor=world.ada, now=world.now)
    runbook = save_runbook(
        runbook=None,
        title="marked-runbook",
        title_zh="",
        steps=[{"en": "marked-step", "zh": ""}],
        causes=[],
        seen=0,
        actor=world.mei,
        now=now,
    )
    run = start_run(incident=incident, runbook=runbook, actor=world.eng, now=now)
    drill = plan_drill(runbook=runbook, planned_on=due_at.date(), people=[world.eng], actor=world.eng, now=now)
    follow_up = add_follow_up(
        incident=incident,
        title="marked-follow-up",
        title_zh="",
        owner=world.eng,
        due_on=due_at.date(),
        actor=world.eng,
        now=now,
    )
    public = keeping.PublicFacts("Provider", "服务商", "Asia/Shanghai")
    keeping.save_public(facts=public, actor=world.mei, now=now)
    own = keeping.open_private(customer=world.show, actor=world.mei, now=now)
    reader = Subscription.objects.create(
        page=own, edition=1, way="email", address="marked-reader@elsewhere.example", language="en", asked_at=now
    )
    things = Things(world.show, app, zhao, "marked-session-0")
    gala = make_gala(world, title="marked-event", title_zh="")
    with_rules(world, gala)
    thing = add_item(
        assurance=gala,
        title="marked-thing",
        owner=None,
        customer=world.show,
        due_at=gala.starts_at,
        actor=zhao,
        now=now,
    )
    things.marks = [
        *("Starlight", "星光", "starlight.example", "marked-", "Marked Newcomer", "edge-sh-01"),
        *(thing.ref for thing in (world.show, app, zhao, world.show_key, ticket, incident, page, contact)),
        *(thing.ref for thing in (world.developer, world.viewer, export, resource, scraped, alert, alert.monitor)),
        *(webhook.ref, log.ref, token.ref, group.ref),
        *(file.ref, unsent.ref, call.ref, rating.ref),
        *(group.ref, asked.ref, called.ticket.ref, account.ref, calendar.ref),
        *(unplaced.ref, centre.ref, back.ref, "138 0000 0009"),
        *(world.show_key.prefix, told_alert.ref, source.ref, target.ref),
        *(heartbeat.ref, risk.ref, risk_rule.ref),
        *(planned.ref, frozen.ref, silence.ref, inhibition.ref),
        *(report.ref, runbook.ref, run.ref, drill.ref, follow_up.ref),
        gala.ref,
        *(own.ref, secret_of(own), reader.ref),
    ]
    things.fills = {
        "customers/<slug:ref>": {"ref": world.show.ref, "app_ref": app.ref},
        "people/<slug:ref>": {"ref": world.viewer.ref},
        "keys/<slug:ref>": {"ref": world.show_key.ref},
        "invitations/": {"token": f"{invited.user.ref}.{NOBODY}"},
        "settings/webhooks/<slug:ref>": {"ref": webhook.ref, "delivery": log.ref},
        "me/tokens/<slug:ref>": {"ref": token.ref},
        "api/v1/tickets/<ref>": {"ref": ticket.ref, "macro": macro.ref, "log": asked_log.ref},
        "api/v1/tickets/<ref>/chat": {"ref": chatted.ref},
        "api/v1/tickets/<ref>/downgrade": {"ref": called.ticket.ref},
        "api/v1/groups/<ref>": {"ref": group.ref, "message": asked.ref},
        "api/v1/files/<ref>": {"ref": file.ref},
        "api/v1/views/<ref>": {"ref": view.ref},
        "api/v1/macros/<ref>": {"ref": macro.ref},
        "api/v1/fields/<ref>": {"ref": question.ref},
        "api/v1/green/<ref>": {"ref": called.ticket.ref},
        "api/v1/customers/<ref>": {"ref": world.show.ref},
        "api/v1/apps/<ref>": {"ref": app.ref},
        "api/v1/calls/backs/<ref>": {"ref": back.ref},
        "api/v1/call-backs/<ref>": {"ref": call.ref},
        "api/v1/routing/people/<ref>": {"ref": world.agent.ref},
        "api/v1/routing/customers/<ref>": {"ref": world.show.ref},
        "api/v1/trackers/<ref>": {"ref": centre.ref},
        "api/v1/mailboxes/<ref>": {"ref": box.ref},
        "api/v1/mail-domains/<domain>": {"domain": domain.domain},
        "api/v1/mails/<ref>": {"ref": aside.ref},
        "api/v1/chat-widgets/<ref>": {"ref": widget.ref},
        "api/v1/homeservers/<ref>": {"ref": NOBODY},
        "api/v1/wecom-accounts/<ref>": {"ref": NOBODY},
        "api/v1/unknown-chats/<ref>": {"ref": unplaced.ref},
        "api/v1/calendars/<ref>": {"ref": calendar.ref},
        "api/v1/contacts/<ref>": {"ref": contact.ref},
        "hooks/ring/<slug:ref>": {"ref": account.ref, "mark": NOBODY, "token": NOBODY},
        "settings/contacts/<slug:ref>": {"ref": contact.ref, "signature": signature},
        "apps/<slug:ref>": {"ref": app.ref, "session": things.session, "name": "marked.measurement"},
        "resources/<slug:ref>": {"ref": resource.ref, "pk": tie.pk},
        "targets/<slug:ref>": {"ref": scraped.ref},
        "user-data/<slug:ref>": {"ref": export.ref},
        "alerts/<slug:ref>": {"ref": told_alert.ref},
        "alerts/in/": {"key": NOBODY},
        "alert-sources/<slug:ref>": {"ref": source.ref},
        "api/v1/alerts/<ref>": {"ref": told_alert.ref},
        "api/v1/alert-sources/<ref>": {"ref": source.ref},
        "monitors/<slug:ref>": {"ref": alert.monitor.ref},
        "heartbeats/<slug:ref>": {"ref": heartbeat.ref},
        "risks/<slug:ref>": {"ref": risk.ref},
        "risk-rules/<slug:ref>": {"ref": risk_rule.ref},
        "api/v1/incidents/<ref>": {
            **{"ref": incident.ref, "role": "scribe", "task": 1, "customer": world.show.ref},
            **{"entry": line.entry_id, "annotation": line.pk},
        },
        "api/v1/incident-reports/<ref>": {"ref": report.ref},
        "api/v1/follow-ups/<ref>": {"ref": follow_up.ref},
        "api/v1/heartbeats/<ref>": {"ref": heartbeat.ref},
        "api/v1/risks/<ref>": {"ref": risk.ref},
        "api/v1/risk-rules/<ref>": {"ref": risk_rule.ref},
        "probes/<slug:ref>": {"ref": target.ref},
        "oncall/schedules/<slug:ref>": {"ref": schedule.ref},
        "oncall/policies/<slug:ref>": {"ref": policy.ref},
        "oncall/rules/<slug:ref>": {"ref": rule.ref},
        "oncall/rooms/<slug:ref>": {"ref": room.ref},
        "api/v1/escalation-policies/<ref>": {"ref": policy.ref},
        "api/v1/escalation-rules/<ref>": {"ref": rule.ref},
        "api/v1/escalation-rooms/<ref>": {"ref": room.ref},
        "oncall/changes/<slug:ref>": {"ref": change.ref},
        "oncall/swaps/<slug:ref>": {"ref": swap.ref},
        "oncall/calendars/<slug:ref>": {"ref": feed.ref},
        "oncall/handovers/<slug:ref>": {"ref": handover.ref},
        "api/v1/schedules/<ref>": {"ref": schedule.ref},
        "api/v1/changes/<ref>": {"ref": change.ref},
        "api/v1/swaps/<ref>": {"ref": swap.ref},
        "t/<slug:ref>": {"ref": trial.ref, "token": forged(trial_path(trial))},
        "calendar/<slug:secret>.ics": {"secret": "guessed"},
        "pages/<slug:ref>": {"ref": page.ref},
        "p/<slug:ref>": {"ref": page.ref, "token": forged(link_path(page, world.eng))},
        "complaints/<slug:ref>": {"ref": app.ref},
        "calls/backs/<slug:ref>": {"ref": back.ref},
        "hooks/desk/<slug:ref>": {"ref": centre.ref},
        "trackers/<slug:ref>": {"ref": centre.ref},
        "routing/people/<slug:ref>": {"ref": world.agent.ref},
        "routing/customers/<slug:ref>": {"ref": world.show.ref},
        "tickets/calls/<slug:ref>": {"ref": call.ref},
        "files/<slug:ref>": {"ref": file.ref},
        "files/<slug:ref>/removal": {"ref": unsent.ref},
        "ratings/": {
            **{"ref": rating.ref, "who": zhao.ref},
            "signature": forged(rating_path(rating, zhao.ref)),
        },
        # A site key stands in public pages; behind it is only what a visitor's token opens.
        "chat/<slug:site_key>": {"site_key": forged(widget.site_key), "ref": file.ref},
        "settings/chat/<slug:ref>": {"ref": widget.ref},
        "tickets/<slug:ref>": {"ref": ticket.ref, "macro_ref": macro.ref},
        "tickets/views/<slug:ref>": {"ref": view.ref},
        "tickets/macros/<slug:ref>": {"ref": macro.ref},
        "incidents/<slug:ref>": {"ref": incident.ref},
        "incidents/of-ticket/<slug:ref>": {"ref": ticket.ref},
        "changes/<slug:ref>": {"ref": planned.ref},
        "changes/of-ticket/<slug:ref>": {"ref": ticket.ref},
        "changes/freezes/<slug:ref>": {"ref": frozen.ref},
        "api/v1/planned-changes/<ref>": {"ref": planned.ref},
        "api/v1/freezes/<ref>": {"ref": frozen.ref},
        "post-mortems/<slug:ref>": {"ref": report.ref, "customer_ref": world.show.ref},
        "follow-ups/<slug:ref>": {"ref": follow_up.ref},
        "runbooks/<slug:ref>": {"ref": runbook.ref},
        "update-templates/<slug:ref>": {"ref": template.ref},
        "silences/<slug:ref>": {"ref": silence.ref},
        "silences/held/<slug:ref>": {"ref": told_alert.ref},
        "silences/inhibition/<slug:ref>": {"ref": inhibition.ref},
        "api/v1/silences/<ref>": {"ref": silence.ref},
        "api/v1/inhibitions/<ref>": {"ref": inhibition.ref},
        "runs/<slug:ref>": {"ref": run.ref},
        "status/public/<str:name>": {"name": "status.json"},
        "status/p/<slug:secret>": {"secret": NOBODY, "name": "index.html"},
        "subscriptions/<slug:ref>": {"ref": reader.ref, "signature": NOBODY},
        "drills/<slug:ref>": {"ref": drill.ref},
        "assurance/<slug:ref>": {"ref": gala.ref},
        "api/v1/assurances/<ref>": {"ref": gala.ref, "item": thing.pk},
        "groups/unplaced/<slug:ref>": {"ref": unplaced.ref},
        "groups/<slug:ref>": {"ref": group.ref, "message": asked.ref},
        "green/<slug:ref>": {"ref": called.ticket.ref},
        "tickets/<slug:ref>/emergency": {"ref": called.ticket.ref},
        "tickets/<slug:ref>/downgrade": {"ref": called.ticket.ref},
        "settings/accounts/<slug:ref>": {"ref": account.ref},
        "settings/calendars/<slug:ref>": {"ref": calendar.ref},
        "hooks/desk/<slug:ref>/": {"ref": hook.ref},
        "accounts/2fa/webauthn/keys/<int:pk>": {"pk": factor.pk},
        "accounts/^confirm-email/": {"key": NOBODY},
        "accounts/^password/reset/key/": {"uidb36": "1k9x", "key": NOBODY},
        "accounts/oidc/": {"provider_id": NOBODY},
        "_matrix/app/v1/": {"txn": NOBODY, "name": "marked-room"},
        "wecom/<slug:ref>": {"ref": NOBODY, "reply": NOBODY},
        "settings/wecom/<slug:ref>": {"ref": NOBODY},
        "settings/matrix/<slug:ref>": {"ref": NOBODY},
        "mails/<slug:ref>": {"ref": aside.ref},
        "settings/mailboxes/<slug:ref>": {"ref": box.ref},
        "settings/mail-domains/": {"pk": domain.pk},
        "assets/": {"digest": NOBODY, "name": "app.css"},
        "static/": {"path": "web/icon.svg"},
        "sdk/": {"name": "aftercare.js"},
    }
    things.posted = {
        **{"app": app.ref, "customer": world.show.ref, "ref": world.show.ref, "user": zhao.ref, "person": zhao.ref},
        **{"resource": resource.ref, "schedule": schedule.ref, "assignee": zhao.ref, "contact": contact.ref},
        **{"metric": "rebuffering_ratio", "comparison": "above", "threshold": "5", "window_s": "60"},
        **{
            "severity": "red",
            "no_data": "keep",
            "kind": "threshold",
            "sensitivity": "normal",
            "fire_after": "1",
            "resolve_after": "1",
            "enabled": "on",
        },
        **{"address": "http://93.184.215.14:9100/metrics", "interval_s": "15", "timeout_s": "10"},
        **{"title": "From outside", "body": "From outside", "label": "From outside", "name": "From outside"},
        **{"words": "From outside", "reason": "From outside", "tried": "From outside", "answer": "From outside"},
        **{"tier": "3", "state": "on", "tracker": centre.ref, "log": NOBODY, "result": "From outside"},
        **{"kind": "export", "identifier": "alice", "email": "x@whisper.example", "role": "viewer", "version": "1"},
    }
    things.called = {
        "steps": [],
        "policy": policy.ref,
        **{"into": ticket.ref, "parent": ticket.ref, "tickets": [ticket.ref], "do": "solve", "move": NOBODY},
        **{"ticket": ticket.ref, "stage": "identified", "body_zh": "From outside"},
        **{"messages": [], "message": NOBODY, "client_id": "from-outside", "session": things.session, "kind": "other"},
        **{"expertise": 1, "attitude": 1, "communication": 1, "fields": ["user"], "values": {"user": "alice"}},
        **{"due_at": "2030-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z", "direction": "in", "number": "+86 10"},
        **{"account": account.ref, "chat_id": "marked-chat", "server_name": "s.example", "use": "tracker"},
        **{"domain": "outside.example", "week": [], "payload": "{}"},
        **{"of": f"all:{world.show.ref}", "every_s": 60},
        **{"closing": "fixed", "value": "1"},
        **{"text": "From outside", "document": {}},
        **{"due_on": "2030-01-01", "owner": world.eng.ref, "level": 2, "party": "ours"},
        **{"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z"},
        **{"plan": "From outside", "risk": "low", "token": "f" * 32, "window": 1},
        **{
            "match": {"metric": "push_rtt"},
            "source": {"metric": "push_rtt"},
            "target": {"app": app.ref},
            "same": "app",
        },
        **{"person": "wm-outside", "agreed": True, "at": "2026-01-01T00:00:00Z"},
    }
    return things
