"""A made desk: a million tickets with ten million messages, built once and kept.

To be run in a process of its own while no server serves the folder: `python -m bench.desk_data DIR TICKETS` builds what
is missing in the folder's PostgreSQL, signs agents in, and prints what there is as one JSON line.
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.desk_words import EN_ALL, ZH_ALL
from bench.people import cookie_of

CUSTOMERS, AGENTS, MESSAGES_EACH = 1000, 200, 10
BATCH = 500
PROCESSES = 2

TICKETS_SQL = """
insert into desk_ticket (ref, number, customer_id, title, title_zh, severity, status, way, incident_ref, evidence,
    version, created_at, updated_at, assignee_id, waiting_since, kind, fields)
select 'bt' || lpad(to_hex(n), 10, '0'), n, least(customers, 1 + floor(customers * power(random(), 3)))::int,
    zh[1 + floor(cardinality(zh) * power(random(), 3))::int] || zh[1 + floor(cardinality(zh) * random())::int]
        || ' room_' || floor(random() * 200000), '',
    (array['P1', 'P2', 'P3', 'P3', 'P4'])[1 + floor(random() * 5)::int], status,
    (array['portal', 'chat', 'email', 'group', 'api'])[1 + floor(random() * 5)::int], '', '{{}}', 1, at, at + age,
    case when random() < 0.7 then agents[1 + floor(cardinality(agents) * random())::int] end,
    case when status = 'open' then at + age end, '', '{{}}'
from (
    select n, now() - (total - n) * interval '2 years' / total as at, random() * random() * least(
        (total - n) * interval '2 years' / total, interval '10 days') as age,
        case when n > total * 0.9 and random() < 0.3 then 'open' when n > total * 0.9 and random() < 0.3
            then 'waiting_customer' when random() < 0.05 then 'solved' else 'closed' end as status
    from (select n, {total}::int as total from generate_series(1, {total}) n) counted
) made, (select {zh}::text[] as zh, {agents}::bigint[] as agents, {customers}::int as customers) words
"""
CLOCKS_SQL = """
insert into clocks_clock (ref, kind, subject_ref, customer_id, policy, state, started_at, pauses, due_at, steps_taken,
    next_step_at, breached_at, stopped_at, spent_s, end_reason)
select left(promised.kind, 1) || 'c' || lpad(to_hex(t.id), 10, '0'), promised.kind, t.ref, t.customer_id,
    policy::jsonb,
    case when t.status = 'open' then 'running' else 'stopped' end, t.created_at, '[]',
    t.created_at + make_interval(secs => target_s), case when t.status = 'open' then 3 else 0 end, null,
    case when t.status = 'open' then t.created_at + make_interval(secs => target_s) end,
    case when t.status <> 'open' then t.updated_at end,
    case when t.status <> 'open' then extract(epoch from t.updated_at - t.created_at) end, ''
from desk_ticket t, (values (%s, %s, %s), (%s, %s, %s)) promised (kind, target_s, policy)
"""
MESSAGES_SQL = """
insert into desk_message (ref, ticket_id, side, way, body, body_zh, quoted, internal, created_at, author_id)
select 'bm' || lpad(to_hex(t.id), 8, '0') || lpad(to_hex(k), 4, '0'), t.id,
    case when k %% 2 = 1 then 'customer' else 'provider' end, t.way,
    case when t.customer_id %% 4 = 0 then
        en[1 + floor(cardinality(en) * power(random(), 2))::int] || ' '
        || en[1 + floor(cardinality(en) * power(random(), 2))::int] || ', '
        || en[1 + floor(cardinality(en) * random())::int] || ' in room_' || floor(random() * 200000) || ' for uid_'
        || floor(power(random(), 2) * 9000000) || ', ' || en[1 + floor(cardinality(en) * random())::int]
    else
        zh[1 + floor(cardinality(zh) * power(random(), 2))::int]
        || zh[1 + floor(cardinality(zh) * power(random(), 2))::int]
        || '，' || zh[1 + floor(cardinality(zh) * random())::int] || zh[1 + floor(cardinality(zh) * random())::int]
        || '。房间号 room_' || floor(random() * 200000) || '，流名 stream-' || floor(random() * 90000) || '，'
        || chr(19968 + floor(random() * 3000)::int) || chr(19968 + floor(random() * 3000)::int)
        || zh[1 + floor(cardinality(zh) * power(random(), 2))::int] || ' ' || floor(random() * 24) || '点，订单'
        || zh[1 + floor(cardinality(zh) * random())::int] || '，错误码 ' || (-1 - floor(random() * 5000))
    end, '', '', k %% 7 = 0, t.created_at + (t.updated_at - t.created_at) * k / n,
    case when k %% 2 = 0 then coalesce(t.assignee_id, agents[1]) end
from (select *, 1 + least(200, floor(-ln(1 - random()) * {each}))::int as n from desk_ticket where id %% 16 = {part}) t,
    generate_series(1, t.n) k, (select {zh}::text[] as zh, {en}::text[] as en, {agents}::bigint[] as agents) words
"""


def main() -> None:
    """Start the folder's PostgreSQL, build what is missing, print."""
    folder, total = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"AFTERCARE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "aftercare.settings"}
    for name in ("AFTERCARE_DATABASE_URL", "AFTERCARE_CLICKHOUSE_URL"):
        os.environ.pop(name, None)
    from aftercare.kernel.config import kept_secret
    from aftercare.serve.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(
        folder=folder / "postgresql",
        password=kept_secret(folder / "postgresql.password"),
        log=folder / "postgresql.log",
    )
    postgres.start()
    try:
        postgres.ensure_database("aftercare")
        print(json.dumps(built(total)))
    finally:
        postgres.stop()


def built(total: int) -> dict[str, Any]:
    """What there is, made where it is missing."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from aftercare.accounts.models import User
    from aftercare.clocks.models import Clock
    from aftercare.desk.models import Document, Ticket

    call_command("migrate", verbosity=0)
    begun = time.monotonic()
    if not User.objects.exists():
        make_people()
    if not Ticket.objects.exists():
        make_words(total)
    if not Clock.objects.exists():
        make_clocks()
    if Document.objects.count() < total:
        make_documents()
    make_index()
    agents = User.objects.filter(customer=None).order_by("pk")[:AGENTS]
    told = {
        "made_s": time.monotonic() - begun,
        "agents": [cookie_of(agent) for agent in agents],
        "owners": [cookie_of(owner) for owner in User.objects.exclude(customer=None).order_by("pk")[:20]],
        "tickets": list(Ticket.objects.filter(status="open").order_by("-pk").values_list("ref", flat=True)[:4000]),
        "sizes": sizes(),
    }
    connections.close_all()
    for connection in connections.all():
        connection.close_pool()  # type: ignore[attr-defined]
    return told


def make_people() -> None:
    """Customers with an owner each, and the agents."""
    from aftercare.accounts.models import Customer, User
    from aftercare.kernel.clock import utc_now

    customers = Customer.objects.bulk_create(
        Customer(name=f"Customer {n:04d}", name_zh=f"客户{n:04d}", created_at=utc_now())
        for n in range(1, CUSTOMERS + 1)
    )
    people = [User(email=f"agent{n}@provider.example", name=f"Agent {n:03d}", role="agent") for n in range(AGENTS)]
    people += [User(email=f"owner{c.pk}@c.example", name=f"Owner {c.pk}", role="owner", customer=c) for c in customers]
    for user in people:
        user.set_unusable_password()
    User.objects.bulk_create(people)


def make_words(total: int) -> None:
    """Tickets and messages, the triggers and the search's index put aside meanwhile."""
    from django.db import connection
    from psycopg import sql

    from aftercare.accounts.models import User

    agents = list(User.objects.filter(customer=None).values_list("pk", flat=True))
    values = {
        "zh": list(ZH_ALL),
        "en": list(EN_ALL),
        "agents": agents,
        "total": total,
        "customers": CUSTOMERS,
        "each": MESSAGES_EACH,
    }
    known = {name: sql.Literal(value) for name, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        for table in ("desk_ticket", "desk_message"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute("select setseed(0.4)")
        raw = cursor.connection
        cursor.execute(sql.SQL(TICKETS_SQL).format(**known).as_string(raw))
        for part in range(16):
            cursor.execute(
                sql.SQL(MESSAGES_SQL.replace("%%", "%")).format(part=sql.Literal(part), **known).as_string(raw)
            )
        for table in ("desk_ticket", "desk_message"):
            cursor.execute(f"alter table {table} enable trigger user")
        cursor.execute("analyze desk_ticket, desk_message")


def make_clocks() -> None:
    """Two promises for each ticket: kept ones where nobody waits any more, running ones where somebody does."""
    from django.db import connection

    from aftercare.clocks.models import policy_as_json
    from aftercare.clocks.types import ALWAYS, Policy
    from aftercare.desk.promises import FIRST, RECOVERY, STEPS

    def promised(kind: str, target_s: int) -> list[Any]:
        return [kind, target_s, json.dumps(policy_as_json(Policy(target_s, ALWAYS, STEPS, kind)))]

    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        cursor.execute(CLOCKS_SQL, [*promised(FIRST, 3600), *promised(RECOVERY, 86_400)])
        cursor.execute("analyze clocks_clock")


def make_documents() -> None:
    """The documents of all tickets by the very code that keeps them, in several processes, the index put aside."""
    from django.db import connection, connections

    from aftercare.desk.models import Ticket, Unindexed

    Unindexed.objects.all().delete()
    # One that was interrupted goes on: what is written anew is written the same.
    ids = list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    batches = [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
    with connection.cursor() as cursor:
        cursor.execute("drop index if exists desk_document_tokens")
    connections.close_all()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=start_worker) as pool:
        for _batch in pool.map(index_batch, batches, chunksize=8):
            pass


def make_index() -> None:
    """The index, where an earlier run has not made it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('desk_document_tokens')")
        if cursor.fetchone()[0] is None:
            cursor.execute("set maintenance_work_mem = '1GB'")
            cursor.execute("create index desk_document_tokens on desk_document using gin (tokens)")
            cursor.execute("vacuum analyze")


def start_worker() -> None:
    """A process of its own with a connection of its own."""
    import django

    django.setup()


def index_batch(ids: list[int]) -> None:
    """Some documents."""
    from django.db import connection, transaction

    from aftercare.desk.search.indexing import index_tickets
    from aftercare.kernel.clock import utc_now

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit = off")
        index_tickets(ids, utc_now())


def sizes() -> dict[str, Any]:
    """Rows and bytes of what matters."""
    from django.db import connection

    with connection.cursor() as cursor:
        counts = {}
        for table in ("desk_ticket", "desk_message", "desk_document"):
            cursor.execute(f"select count(*), pg_total_relation_size('{table}') from {table}")
            counts[table] = cursor.fetchone()
        cursor.execute("select pg_relation_size('desk_document_tokens'), pg_relation_size('desk_document')")
        index, heap = cursor.fetchone()
    return {"tables": counts, "index_bytes": index, "heap_bytes": heap}


if __name__ == "__main__":
    main()
