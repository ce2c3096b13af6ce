"""One step of an escalation: who is woken now, what they are told, and when the next step is due.

Everything here runs in the caller's transaction on a locked page, so that a page never advances without its messages
existing, nor the other way round.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from aftercare.accounts.access import GRANTS, can
from aftercare.accounts.models import User
from aftercare.kernel import events
from aftercare.notify import actions as notify
from aftercare.notify.models import WITH_BUTTONS, ContactMethod, Delivery, State
from aftercare.notify.queries import disturbs, quiet_until, usable_contacts
from aftercare.oncall.events import PageEscalated
from aftercare.oncall.models import SPOKEN_TO, Page, PageNotice, Schedule, Severity, Target
from aftercare.oncall.queries.duty import users_on
from aftercare.oncall.queries.people import takers
from aftercare.oncall.speaking import speak
from aftercare.oncall.wording import PAGE_KIND, Wording, Words, write

LAST_RESORT_S = 300
NAMED_ON_BUTTONS = 3  # with the three answers they fill the six buttons that a card of WeCom has
# Between two rounds, where the steps at their end have nobody and the one before waits for nothing.
BREATH_S = 30
# A policy may be repeated for ever; the column of the round is not endless.
ROUNDS_COUNTED = 30_000


def take_step(page: Page, now: datetime, *, by: User | None = None) -> list[User]:
    """Wake the next step's people of one page (`Steps`); `by` is who passed it on. Returns the people told."""
    return Steps(now).take([page], by=by)[0]


class Steps:
    """Steps of pages that are taken at one instant: what is asked of schedules and people is asked once for all of
    them, and the rows of those taken together are written together.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._people: dict[tuple[str, str], list[User]] = {}
        self._contacts: dict[int, list[ContactMethod]] = {}
        self._quiet: dict[int, datetime | None] = {}
        self._passed: list[tuple[Page, Mapping[str, Any]]] = []
        self._wording = Wording()

    def take(self, pages: Sequence[Page], *, by: User | None = None) -> list[list[User]]:
        """Wake the next step's people of each page and set when the step after it is due, counted from now: a pause of
        the engine never makes a burst. Steps with nobody on them are passed at once, and so are rooms, once spoken to.

        With no step left, or nobody on any, everyone who manages the on-call is told, every LAST_RESORT_S, until
        somebody acknowledges: an open page never goes quiet. Returns the people told, for each page.
        """
        self._passed = []
        told = [self.advance(page) for page in pages]
        keep_places(pages)
        speak(self._passed, self.now)
        self.tell(list(zip(pages, told, strict=True)))
        for page, people in zip(pages, told, strict=True):
            if page.firings > 1:
                woken = tuple(person.pk for person in people)
                events.publish(PageEscalated(page.pk, page.subject_ref, woken, by.pk if by else None, self.now))
        return told

    def wake(self, page: Page, person: User) -> None:
        """Wake one person beside the steps, by their own ladder. The next step comes if they do not acknowledge within
        the present step's wait.
        """
        steps = page.policy_snapshot["steps"]
        delay_s = steps[max(page.step - 1, 0)]["delay_s"] if steps else LAST_RESORT_S
        page.firings += 1
        page.next_step_at = self.now + timedelta(seconds=max(delay_s, 1))
        keep_places([page])
        self.tell([(page, [person])])

    def advance(self, page: Page) -> list[User]:
        """Move a page to its next step that has somebody; who that is."""
        found = self.next_staffed(page)
        self._passed += [(page, step) for step in rooms_before(page, found)]
        if found is None:
            people, delay_s = self.managers, LAST_RESORT_S
        else:
            page.round, step, people = found
            page.round, page.step = min(page.round, ROUNDS_COUNTED), step + 1
            delay_s = page.policy_snapshot["steps"][step]["delay_s"] or self.breath_s(page)
        page.firings += 1
        page.next_step_at = self.heard_at(page, people) + timedelta(seconds=max(delay_s, 1))
        return people

    def breath_s(self, page: Page) -> int:
        """How long a step that waits for nothing waits all the same: only where this round has nobody after it."""
        found = self.next_staffed(page)
        return 0 if found is not None and found[0] == page.round else BREATH_S

    def heard_at(self, page: Page, people: Sequence[User]) -> datetime:
        """When the first of these is disturbed by the page: now, unless it can wait and each keeps quiet hours."""
        return min((self.not_before(page, person) or self.now for person in people), default=self.now)

    def latest_next(self, page: Page) -> datetime:
        """When the step after the present one would be due if that were taken now; at the earliest in LAST_RESORT_S."""
        present = page.policy_snapshot.get("steps", [])[max(page.step - 1, 0) : page.step]
        people = [person for step in present for person in self.people_of(step)]
        wait_s = max([LAST_RESORT_S, *(step["delay_s"] for step in present)])
        return self.heard_at(page, people) + timedelta(seconds=wait_s)

    def not_before(self, page: Page, person: User) -> datetime | None:
        """When the person's quiet hours end, for a page that keeps to them; a red one never does."""
        if page.severity == Severity.RED or not any(disturbs(contact) for contact in self.contacts_of(person)):
            return None
        if person.pk not in self._quiet:
            self._quiet[person.pk] = quiet_until(person, self.now)
        return self._quiet[person.pk]

    def next_staffed(self, page: Page) -> tuple[int, int, list[User]] | None:
        """Round, step and people of the next step that has somebody, from where the page stands; None: none left."""
        steps, repeat = page.policy_snapshot["steps"], page.policy_snapshot["repeat"]
        for place in range(page.step, page.step + len(steps)):
            round_number, step = page.round + place // len(steps), place % len(steps)
            if repeat is not None and round_number > repeat:
                return None
            if people := self.people_of(steps[step]):
                return round_number, step, people
        return None

    @cached_property
    def managers(self) -> list[User]:
        """Everyone who manages the on-call."""
        return managers()

    def people_of(self, step: Mapping[str, Any]) -> list[User]:
        """Whom a step wakes now; nobody where its schedule was deleted or its person can take no page."""
        key = (step["kind"], step["ref"])
        if key not in self._people:
            self._people[key] = people_of(step, self.now)
        return self._people[key]

    def tell(self, told: Sequence[tuple[Page, Sequence[User]]]) -> None:
        """Write one outbox row for each way to reach each person, except where one for this page still waits.

        Each way has its rung on the person's ladder: it goes so many seconds after now, and not at all once the page
        was acknowledged. Where one fails, the next comes at once; the step after this one wakes the next person
        meanwhile.
        """
        waiting = waiting_ways(page for page, _people in told if page.firings > 1)
        drafts = []
        for page, person in ((page, person) for page, people in told for person in people):
            words = self._wording.words_to(page, person)
            drafts += [
                (page, person, self.write(page, person, contact, words))
                for contact in self.contacts_of(person)
                if (page.ref, person.pk, *way_of(contact)) not in waiting
            ]
        kept = notify.send_all([draft for _page, _person, draft in drafts])
        PageNotice.objects.bulk_create(
            PageNotice(
                page=page,
                user=person,
                channel=delivery.channel,
                delivery=delivery,
                firing=page.firings,
                at=self.now,
            )
            for (page, person, _draft), delivery in zip(drafts, kept, strict=True)
        )

    def write(self, page: Page, person: User, contact: ContactMethod, words: Words) -> Delivery:
        """A draft of one message of a page to one person."""
        people, not_before = self.people_for(page, person, contact), self.not_before(page, person)
        return write(page, person, contact, words, not_before=not_before, people=people, now=self.now)

    def people_for(self, page: Page, person: User, contact: ContactMethod) -> list[tuple[str, str]]:
        """Whom a button may hand the page over to, ref and name: the colleagues of its steps first."""
        if contact.channel not in WITH_BUTTONS:
            return []
        steps = [one for step in page.policy_snapshot["steps"] for one in self.people_of(step)]
        found = dict.fromkeys([*steps, *self.takers])
        return [(one.ref, one.name) for one in found if one != person][:NAMED_ON_BUTTONS]

    @cached_property
    def takers(self) -> list[User]:
        """Everyone who may take pages."""
        return list(takers())

    def contacts_of(self, person: User) -> list[ContactMethod]:
        """The ways to reach a person."""
        if person.pk not in self._contacts:
            self._contacts[person.pk] = usable_contacts(person)
        return self._contacts[person.pk]


def rooms_before(page: Page, found: tuple[int, int, list[User]] | None) -> list[Mapping[str, Any]]:
    """The rooms that a page comes past on its way to the step that was found, or past all steps."""
    steps = page.policy_snapshot["steps"]
    end = page.step + len(steps) if found is None else (found[0] - page.round) * len(steps) + found[1]
    passed = [steps[place % len(steps)] for place in range(page.step, end)]
    return [step for step in passed if step["kind"] in SPOKEN_TO]


def keep_places(pages: Iterable[Page]) -> None:
    """Write where pages stand now: those that stand alike in one statement."""
    alike: dict[tuple[int, int, int, datetime | None], list[int]] = defaultdict(list)
    for page in pages:
        alike[page.step, page.round, page.firings, page.next_step_at].append(page.pk)
    for (step, round_number, firings, next_step_at), together in alike.items():
        Page.objects.filter(pk__in=together).update(
            step=step, round=round_number, firings=firings, next_step_at=next_step_at
        )


def way_of(contact: ContactMethod) -> tuple[int | None, str, str]:
    """A contact method by its key; one that is only implied, by its channel and address."""
    return (contact.pk, "", "") if contact.pk else (None, contact.channel, contact.address)


def waiting_ways(pages: Iterable[Page]) -> set[tuple[str, int | None, int | None, str, str]]:
    """What still waits to go out about these pages: page, person and way (`way_of`), by each of its two names."""
    refs = [page.ref for page in pages]
    about = Delivery.objects.filter(subject_ref__in=refs, kind=PAGE_KIND, state__in=[State.PENDING, State.SENDING])
    found: set[tuple[str, int | None, int | None, str, str]] = set()
    for ref, user, contact, channel, address in about.values_list(
        "subject_ref", "user_id", "contact_id", "channel", "address"
    ):
        found |= {(ref, user, None, channel, address), (ref, user, contact, "", "")}
    return found


def people_of(step: Mapping[str, Any], now: datetime) -> list[User]:
    """Whom a step wakes at this instant; nobody where its schedule was deleted or its person can take no page."""
    if step["kind"] == Target.PERSON:
        return [user for user in User.objects.filter(ref=step["ref"]) if can(user, "acknowledge_pages")]
    if step["kind"] in SPOKEN_TO:
        return []
    schedule = Schedule.objects.filter(ref=step["ref"]).first()
    return list(users_on(schedule, now)) if schedule else []


def has_next_in_round(page: Page, now: datetime) -> bool:
    """Whether a step with somebody on it is left in this round: only that may come early.

    A repeat, and the call of everyone who manages the on-call, keep their wait: brought forward whenever a message
    fails, they would go out about every second for as long as a receiver is down.
    """
    found = Steps(now).next_staffed(page)
    return found is not None and found[0] == page.round


def managers() -> list[User]:
    """Everyone who manages the on-call."""
    roles = [role for role, granted in GRANTS.items() if "manage_oncall" in granted]
    return list(User.objects.filter(is_active=True, role__in=roles, customer=None))
