"""How well tickets were solved: marks and first-contact resolution, each with the number it stands on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from aftercare.accounts.models import User
from aftercare.desk.models import QUESTIONS, EventKind, Rating, Ticket, TicketEvent

WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Marks:
    """One question's marks: their sum, and how many there are."""

    question: str
    total: int
    volume: int

    @property
    def mean(self) -> float | None:
        """Sum by number; None without any."""
        return self.total / self.volume if self.volume else None


@dataclass(frozen=True)
class Satisfaction:
    """What customers answered: asked, answered, content (no mark below 4), and each question."""

    asked: int
    answered: int
    content: int
    questions: tuple[Marks, ...]

    @property
    def csat(self) -> float | None:
        """Content customers per hundred who answered; None where nobody did."""
        return 100 * self.content / self.answered if self.answered else None


@dataclass(frozen=True)
class FirstContact:
    """Tickets solved, how many of them at the first go, and how many wait for their seven days to go by."""

    solved: int
    first: int
    undecided: int

    @property
    def rate(self) -> float | None:
        """Solved at the first go per hundred decided; None where none is."""
        return 100 * self.first / self.solved if self.solved else None


def ratings_for(user: User) -> QuerySet[Rating]:
    """The questions and answers that `user` may see: the provider all, a customer's people their own."""
    ratings = Rating.objects.select_related("ticket__customer", "rated_by", "solved_by")
    return ratings if user.customer_id is None else ratings.filter(ticket__customer_id=user.customer_id)


def satisfaction(ratings: QuerySet[Rating], since: datetime, until: datetime) -> Satisfaction:
    """The answers to questions about solutions of this span."""
    content = Q(**{f"{question}__gte": 4 for question in QUESTIONS})
    sums = {question: Sum(question) for question in QUESTIONS}
    of = ratings.filter(solved_at__gte=since, solved_at__lt=until).aggregate(
        asked=Count("pk"), answered=Count("rated_at"), content=Count("pk", filter=content), **sums
    )
    marks = tuple(Marks(question, of[question] or 0, of["answered"]) for question in QUESTIONS)
    return Satisfaction(of["asked"], of["answered"], of["content"], marks)


def first_contact(tickets: QuerySet[Ticket], since: datetime, until: datetime, now: datetime) -> FirstContact:
    """Tickets whose first solution is in this span and seven days old.

    Solved at the first go: not opened again within seven days of it, and no ticket of the same kind followed within
    seven days. The customer's own word, in the newest rating that has one, outranks both.
    """
    solved = TicketEvent.objects.filter(kind=EventKind.SOLVED, ticket=OuterRef("pk")).order_by("at", "pk")
    of = tickets.annotate(first_solved=Subquery(solved.values("at")[:1])).filter(
        first_solved__gte=since, first_solved__lt=until
    )
    decided = of.filter(first_solved__lte=now - WITHIN)
    said = Rating.objects.filter(ticket=OuterRef("pk"), first_contact__isnull=False).order_by("-solved_at")
    again = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), kind=EventKind.REOPENED, at__gte=OuterRef("first_solved")
    ).filter(at__lte=OuterRef("first_solved") + WITHIN)
    follower = Ticket.objects.filter(follows=OuterRef("pk"), created_at__lte=OuterRef("first_solved") + WITHIN)
    told = decided.annotate(
        said=Subquery(said.values("first_contact")[:1]), again=Exists(again), followed=Exists(follower)
    )
    first = told.filter(Q(said=True) | Q(said=None, again=False, followed=False)).count()
    return FirstContact(decided.count(), first, of.count() - decided.count())
