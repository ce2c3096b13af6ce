"""The policies of a file, for a person or a program: in which order who is woken, and when nobody would be."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from aftercare.oncall.roster.policies import ROOMS, DeclaredPolicy, Escalation
from aftercare.oncall.roster.proof import Span, common, joined
from aftercare.oncall.roster.schedules import Stretch

Held = Mapping[str, Sequence[Stretch]]


def unheard_spans(policy: DeclaredPolicy, held: Held, whole: Span) -> Sequence[Span] | None:
    """When none of a policy's steps has anybody; None where it names a schedule that the file has not."""
    if any(step.kind == "schedule" and step.target not in held for step in policy.steps):
        return None
    if any(step.kind == "person" for step in policy.steps):
        return []
    left: Sequence[Span] = [whole]
    for step in policy.steps:
        if step.kind == "schedule":
            empty = joined((one.starts_at, one.ends_at) for one in held[step.target] if not one.people)
            left = common(left, empty)
    return left


def is_wrong(escalation: Escalation, held: Held, whole: Span) -> bool:
    """Whether some policy leaves a page unheard."""
    return any(policy.wakes_nobody or unheard_spans(policy, held, whole) for policy in escalation.policies)


def show_policies(console: Console, escalation: Escalation, held: Held, whole: Span, zone: ZoneInfo) -> None:
    """The policies for a person: local times, what is unheard in red."""
    for policy in escalation.policies:
        console.print(f"[bold]{escape(policy.name)}[/bold]{' (default)' if policy.is_default else ''}")
        for number, step in enumerate(policy.steps, 1):
            wait = "is spoken to" if step.kind in ROOMS else f"then {step.wait_s / 60:g} min"
            console.print(f"  {number}. {step.kind} {escape(step.target)}, {wait}")
        console.print(f"  {'again for ever' if policy.repeat is None else f'again {policy.repeat} times'}")
        spans = unheard_spans(policy, held, whole)
        if policy.wakes_nobody:
            console.print("  [bold red]It wakes nobody: all its steps are rooms and webhooks.[/bold red]")
        elif spans is None:
            console.print("  [yellow]It names schedules that this file has not.[/yellow]")
        else:
            for begins, ends in spans:
                told = " – ".join(f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (begins, ends))
                console.print(f"  [bold red]Nobody is on any step,[/bold red] {told}")
        console.print()


def policies_as_json(escalation: Escalation, held: Held, whole: Span) -> list[dict[str, Any]]:
    """The policies for a program: instants in UTC; `unheard` is null where the file has not all their schedules."""
    told = []
    for policy in escalation.policies:
        spans = unheard_spans(policy, held, whole)
        told.append(
            {
                "name": policy.name,
                "default": policy.is_default,
                "repeat": policy.repeat,
                "steps": [{step.kind: step.target, "wait_s": step.wait_s} for step in policy.steps],
                "wakes_nobody": policy.wakes_nobody,
                "unheard": None
                if spans is None
                else [[at.astimezone(UTC).isoformat() for at in span] for span in spans],
            }
        )
    return told
