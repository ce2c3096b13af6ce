"""Writing pings down: one statement for many heartbeats, one ping each."""

from collections.abc import Sequence
from typing import Any

import psycopg

from aftercare.watch.heartbeats.pings import Ping
from aftercare.watch.models import PINGS_KEPT

# `free` locks what nobody else is at: a heartbeat that the engine is just taking down, with its alert and all that
# follows, must not hold up the others' pings. `moved` tells where each stands now; `due_at` comes forward where the
# engine has to look: at a failure, a run's beginning or end, and where it does not stand as on time. On time it may
# stay behind: the engine finds by `last_ok_at` that there is more time.
STATEMENT = f"""
with told as materialized (
  select heartbeat, fingerprint, to_timestamp(at) as at, kind, exit_code, rid, body, body_bytes, repeats
  from unnest(%s::bigint[], %s::text[], %s::float8[], %s::text[], %s::int4[], %s::text[], %s::text[], %s::int4[],
    %s::int4[]) as t(heartbeat, fingerprint, at, kind, exit_code, rid, body, body_bytes, repeats)
), free as materialized (
  select t.*, s.started_at, s.started_rid,
    s.last_kind = t.kind and s.last_rid = t.rid and s.exit_code is not distinct from t.exit_code
      and date_trunc('second', s.last_ping_at) = date_trunc('second', t.at) as is_same,
    t.kind in ('ok', 'fail') and (t.rid = '' or s.started_rid in ('', t.rid) or s.status = 'down') as ends_run
  from told t
  join watch_heartbeat h on h.id = t.heartbeat
  join watch_heartbeatstate s on s.heartbeat_id = t.heartbeat
  where h.key_fingerprint = t.fingerprint and h.deleted_at is null
  for no key update of s skip locked
), moved as (
  update watch_heartbeatstate s set
    pings = s.pings + case when f.is_same then 0 else 1 end,
    last_ping_at = f.at,
    last_kind = f.kind,
    last_rid = f.rid,
    exit_code = f.exit_code,
    last_ok_at = case when f.kind = 'ok' then f.at else s.last_ok_at end,
    failed_at = case f.kind when 'ok' then null when 'fail' then f.at else s.failed_at end,
    started_at = case
      when f.kind = 'start' and (s.started_at is null or s.status = 'down') then f.at
      when f.ends_run then null
      else s.started_at end,
    started_rid = case
      when f.kind = 'start' and (s.started_at is null or s.status = 'down') then f.rid
      when f.ends_run then ''
      else s.started_rid end,
    took_s = case when f.ends_run and s.started_at is not null
      then extract(epoch from f.at - s.started_at) else s.took_s end,
    due_at = case
      when f.kind = 'log' or s.status = 'paused' then s.due_at
      when f.kind = 'ok' and s.status = 'up' and s.started_at is null and s.failed_at is null then s.due_at
      else least(s.due_at, f.at) end
  from free f where s.heartbeat_id = f.heartbeat
  returning s.heartbeat_id, s.pings, f.*, s.due_at is not null and s.due_at <= f.at as must_look
)
insert into watch_heartbeatping as p
  (heartbeat_id, slot, number, at, kind, exit_code, rid, took_s, body, body_bytes, repeats)
select heartbeat_id, pings %% {PINGS_KEPT}, pings, at, kind, exit_code, rid,
  case when kind in ('ok', 'fail') then extract(epoch from at - case
    when rid = '' or rid = started_rid then started_at
    else (select b.at from watch_heartbeatping b where b.heartbeat_id = moved.heartbeat_id and b.kind = 'start'
      and b.rid = moved.rid order by b.number desc limit 1) end) end,
  body, body_bytes, repeats
from moved
on conflict (heartbeat_id, slot) do update set number = excluded.number, at = excluded.at, kind = excluded.kind,
  exit_code = excluded.exit_code, rid = excluded.rid, took_s = excluded.took_s, body = excluded.body,
  body_bytes = excluded.body_bytes,
  repeats = case when p.number = excluded.number then p.repeats + excluded.repeats else excluded.repeats end
returning heartbeat_id, (select must_look from moved m where m.heartbeat_id = p.heartbeat_id)
"""
STILL_THERE = """
select h.id, h.key_fingerprint from watch_heartbeat h where h.id = any(%s::bigint[]) and h.deleted_at is null
"""


class Kept:
    """What became of pings: those written, those whose heartbeat somebody else is at, those that are nobody's."""

    def __init__(self) -> None:
        self.kept: list[Ping] = []
        self.held: list[Ping] = []
        self.nobodys: list[Ping] = []
        self.must_look = False


def keep(connection: "psycopg.Connection[Any]", pings: Sequence[Ping]) -> Kept:
    """Write down pings, in their order for each heartbeat, in one transaction. Raises psycopg.Error."""
    done = Kept()
    with connection.transaction():
        for wave in waves(pings):
            keep_wave(connection, wave, done)
    return done


def waves(pings: Sequence[Ping]) -> list[list[Ping]]:
    """The pings so that each wave has one of a heartbeat: a statement changes a row once."""
    found: list[list[Ping]] = []
    seen: dict[int, int] = {}
    for ping in pings:
        place = seen.get(ping.heartbeat, 0)
        seen[ping.heartbeat] = place + 1
        if place == len(found):
            found.append([])
        found[place].append(ping)
    return found


def keep_wave(connection: "psycopg.Connection[Any]", wave: list[Ping], done: Kept) -> None:
    """One statement. What follows for a heartbeat that is held is held too, so that its order stays."""
    held = {ping.heartbeat for ping in done.held}
    done.held += [ping for ping in wave if ping.heartbeat in held]
    wave = [ping for ping in wave if ping.heartbeat not in held]
    rows = connection.execute(
        STATEMENT,
        [
            [ping.heartbeat for ping in wave],
            [ping.fingerprint for ping in wave],
            [ping.at for ping in wave],
            [ping.kind for ping in wave],
            [ping.exit_code for ping in wave],
            [ping.rid for ping in wave],
            [ping.body for ping in wave],
            [ping.body_bytes for ping in wave],
            [ping.repeats for ping in wave],
        ],
    ).fetchall()
    written = {row[0] for row in rows}
    done.must_look |= any(row[1] for row in rows)
    done.kept += [ping for ping in wave if ping.heartbeat in written]
    left = [ping for ping in wave if ping.heartbeat not in written]
    if left:
        asked = connection.execute(STILL_THERE, [[ping.heartbeat for ping in left]])
        there = {(row[0], row[1]) for row in asked.fetchall()}
        for ping in left:
            (done.held if (ping.heartbeat, ping.fingerprint) in there else done.nobodys).append(ping)
