"""What a new update begins with, and what becomes of a writer's own words when they choose another beginning."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import QueryDict

from aftercare.incidents.models import Incident, PublicIncident, Stage, StatusPage, UpdateTemplate
from aftercare.incidents.review.rules import rules_in_force
from aftercare.incidents.status.facts import NEUTRAL
from aftercare.incidents.telling.templates import filled, offered_templates
from aftercare.incidents.telling.words import drafted
from aftercare.kernel.signing import fingerprint


@dataclass(frozen=True)
class Start:
    """A beginning: a template, or the built-in text of a stage. As one word `template:REF`, `stage:identified`."""

    template: UpdateTemplate | None
    stage: str

    @classmethod
    def of(cls, word: str) -> "Start":
        """The one that a form names; one that is none, or was removed, is that of where the last update left."""
        kind, _colon, which = word.partition(":")
        ref = which[:16].replace("\x00", "") if kind == "template" else ""
        template = offered_templates().filter(ref=ref).first() if ref else None
        stage = which if kind == "stage" and which in Stage.values else ""
        return cls(template, template.stage if template is not None else stage)


def draft_for(incident: Incident, start: Start) -> dict[str, Any]:
    """A new form's contents."""
    last = incident.updates.order_by("number").last()
    stage = Stage(start.stage) if start.stage else Stage(last.stage) if last else Stage.INVESTIGATING
    within = None if stage == Stage.RESOLVED else rules_in_force().next_within(incident.severity)
    body, body_zh = filled(start.template, incident, within) if start.template else drafted(incident, stage, within)
    minutes = within // timedelta(minutes=1) if within else ""
    token = secrets.token_hex(16)
    told = {"stage": stage, "body": body, "body_zh": body_zh, "next_within": minutes, "token": token}
    told |= {"seen": last.number if last else 0, "begun": trace(body, body_zh)}
    known = PublicIncident.objects.filter(incident=incident).first()
    title, title_zh = (known.title, known.title_zh) if known else NEUTRAL
    return {**told, "is_public": known is not None, "public_title": title, "public_title_zh": title_zh}


def begun_anew(said: QueryDict, draft: dict[str, Any], *, is_taken: bool) -> dict[str, Any] | None:
    """The form with the draft's texts, stage and next word in place of what it `said`; everything else as it was.

    None where that would lose words that somebody typed: they differ from what the form began with, and nobody said
    that the draft `is_taken` for them.
    """
    body, body_zh = said.get("body", ""), said.get("body_zh", "")
    is_typed = bool((body + body_zh).strip()) and trace(body, body_zh) != said.get("begun", "")
    if is_typed and not is_taken:
        return None
    return {**said.dict(), **{name: draft[name] for name in ("stage", "body", "body_zh", "next_within", "begun")}}


def trace(body: str, body_zh: str) -> str:
    """By what a form knows whether its texts are still those that it began with; browsers send their own line ends."""
    texts = [text.replace("\r\n", "\n").strip() for text in (body, body_zh)]
    return fingerprint("\x00".join(texts))


def has_public() -> bool:
    """Whether there is a public page to tell it on."""
    return StatusPage.objects.filter(customer=None, is_open=True).exists()
