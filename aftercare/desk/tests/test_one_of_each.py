"""The migration that joined what stood twice keeps every row."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from aftercare.desk.actions import follow_ticket
from aftercare.desk.models import Following, Move, Ticket
from tests.world import World

BEFORE, AFTER = [("desk", "0011_event_kinds")], [("desk", "0012_one_of_each")]


def test_it_works(world: World, ticket: Ticket) -> None:
    follow_ticket(ticket=ticket, user=world.mei, follows=False, now=world.now)
    move = Move.objects.create(kind="merge", source=ticket, target=ticket, before={"watchers": [7]}, moved_at=world.now)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    old = MigrationExecutor(connection).migrate(BEFORE).apps
    for user in (world.eng, world.mei):
        old.get_model("desk", "Watcher").objects.create(ticket_id=ticket.pk, user_id=user.pk, since=world.now)
    MigrationExecutor(connection).migrate(AFTER)
    kept = dict(Following.objects.filter(ticket=ticket).values_list("user__name", "follows"))
    assert kept == {"Lin": True, "Mei": False}, "their own word outranks that they watched"
    move.refresh_from_db()
    assert move.before == {"followers": [7]}
