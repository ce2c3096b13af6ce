"""Fill django-helpdesk with tickets of the bench's shape, ten follow-ups each, for 200 agents; print a session."""

import json
import sys

import site_for_bench  # noqa: F401 (sets Django up)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from helpdesk.models import FollowUp, Queue, Ticket, UserSettings

TICKETS = """
insert into helpdesk_ticket (title, queue_id, created, modified, submitter_email, assigned_to_id, status, on_hold,
    description, priority, secret_key)
select '卡顿 直播间 room_' || n, %(queue)s, now() - n * interval '1 minute', now() - n * interval '30 seconds',
    'a@b.example', (select min(id) from auth_user) + n %% 200, (array[1, 1, 3, 4, 4, 4, 4, 4, 4, 4])[1 + n %% 10],
    false, '主播在杭州，画面黑屏', 1 + n %% 5, 'k' || n
from generate_series(1, %(tickets)s) n
"""
FOLLOW_UPS = """
insert into helpdesk_followup (ticket_id, date, title, comment, public, user_id)
select t.id, t.created + k * interval '1 hour', '回复', '房间号 room_' || t.id || '，首帧耗时很高，推流失败，麻烦尽快',
    true, t.assigned_to_id
from helpdesk_ticket t, generate_series(1, 10) k
"""


def main() -> None:
    """Build what is missing and print what there is."""
    tickets = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    users = get_user_model()
    if not users.objects.exists():
        users.objects.bulk_create(users(username=f"agent{n}", is_staff=True, is_superuser=n == 0) for n in range(200))
    if not UserSettings.objects.exists():
        UserSettings.objects.bulk_create(UserSettings(user=user) for user in users.objects.all())
    queue, _is_new = Queue.objects.get_or_create(title="Bench", slug="bench")
    if not Ticket.objects.exists():
        with connection.cursor() as cursor:
            cursor.execute(TICKETS, {"queue": queue.pk, "tickets": tickets})
            cursor.execute(FOLLOW_UPS)
            cursor.execute("analyze")
    user = users.objects.get(username="agent0")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    told = {"tickets": Ticket.objects.count(), "follow_ups": FollowUp.objects.count(), "session": session.session_key}
    print(json.dumps(told))


main()
