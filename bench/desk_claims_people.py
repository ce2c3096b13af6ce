"""The agents and tickets of `bench.desk_claims`, put into a running server's database; prints one JSON line."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from django.db import connection  # noqa: E402 - models exist only now
from django.db.models import Count  # noqa: E402 - models exist only now

from aftercare.accounts.models import App, Customer, User  # noqa: E402
from aftercare.desk.models import Routing, Ticket, TicketEvent  # noqa: E402
from aftercare.kernel.clock import utc_now  # noqa: E402
from bench.people import cookie_of  # noqa: E402


def make(agents: int, tickets: int) -> dict[str, object]:
    """Signed-in agents, and a queue that waits."""
    now = utc_now()
    customer = Customer.objects.create(name="Bench", created_at=now)
    app = App.objects.create(customer=customer, name="Bench", created_at=now)
    people = [User(email=f"agent{n}@provider.example", name=f"Agent {n}", role="agent") for n in range(agents)]
    for user in people:
        user.set_unusable_password()
    people = User.objects.bulk_create(people)
    made = Ticket.objects.bulk_create(
        Ticket(
            number=n + 1,
            customer=customer,
            app=app,
            title=f"Stalls in room {n}",
            severity="P3",
            created_at=now,
            updated_at=now,
            waiting_since=now,
        )
        for n in range(tickets)
    )
    Routing.objects.bulk_create(Routing(ticket=one, language="zh-hans", waiting_since=now) for one in made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of so many new rows, before a race may begin
    return {"cookies": [cookie_of(user) for user in people], "contested": made[0].ref}


def count() -> dict[str, object]:
    """How often each ticket was claimed, by the lines of its thread."""
    claimed = TicketEvent.objects.filter(kind="claimed").values_list("ticket__ref").annotate(n=Count("pk"))
    return {"claims": dict(claimed.order_by())}


if __name__ == "__main__":
    what, agents, tickets = sys.argv[1:4]
    print(json.dumps(make(int(agents), int(tickets)) if what == "make" else count()))
