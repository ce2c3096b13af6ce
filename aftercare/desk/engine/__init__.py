"""The desk's timed work; `serve` calls `process_due` once a second and on every NOTIFY of `inward.CHANNEL`, and
`keep_house` every ten seconds.
"""

from datetime import datetime

from aftercare.desk.actions.logs import expire_logs
from aftercare.desk.actions.phone import remind_of_call_backs
from aftercare.desk.actions.prepared import give_up_unsent
from aftercare.desk.actions.presence import end_forgotten
from aftercare.desk.engine.archive import pull_archives
from aftercare.desk.engine.chats import forget_sessions, mail_answers
from aftercare.desk.engine.emergencies import settle_pages
from aftercare.desk.engine.files import forget_files
from aftercare.desk.engine.inbound import work_on_inbound
from aftercare.desk.engine.keeping import wake_and_remind
from aftercare.desk.engine.life import remind_of_calls, take_life_steps
from aftercare.desk.engine.routing import give_out, take_back
from aftercare.desk.engine.searching import index_changed
from aftercare.desk.engine.service_pulls import ask_without_being_told
from aftercare.desk.mail.fetching import end_imports
from aftercare.kernel.steps import take

# Emergencies first; each returns how many things it did.
STEPS = (
    settle_pages,
    pull_archives,
    ask_without_being_told,
    work_on_inbound,
    take_life_steps,
    take_back,
    give_out,
    index_changed,
)
# Nobody looks at a clock for these.
HOUSEKEEPING = (
    mail_answers,
    end_imports,
    give_up_unsent,
    remind_of_calls,
    wake_and_remind,
    expire_logs,
    remind_of_call_backs,
    forget_files,
    forget_sessions,
    end_forgotten,
)


def process_due(now: datetime) -> int:
    """Do everything of the desk's that is due; returns how many things were done."""
    return take(STEPS, now)


def keep_house(now: datetime) -> int:
    """The same for what may come some seconds late."""
    return take(HOUSEKEEPING, now)
