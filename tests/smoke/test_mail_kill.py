"""kill -9 between 250 and the ticket, at random moments under load: every mail that was taken is one ticket."""

import random
import smtplib
import tempfile
import threading
import time
from email.message import EmailMessage
from pathlib import Path

from tests.service import Service, free_port

KILLS = 2
SUPPORT = "support@provider.example"


class Writer(threading.Thread):
    """Sends numbered mails, each again until it is taken, as a mail server does."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.number = port, number
        self.stopping = threading.Event()
        self.taken: list[str] = []
        self.retried = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            title = f"{self.number}-{len(self.taken)}"
            while not self._send(title):
                self.retried += 1
                time.sleep(0.05)
            self.taken.append(title)

    def _send(self, title: str) -> bool:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "zhao@starlight.example", SUPPORT, title
        mail["Message-ID"] = f"<{title}@starlight.example>"
        mail.set_content(f"卡顿 {title}")
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
                smtp.send_message(mail)
        except (OSError, smtplib.SMTPException):
            return False
        return True


def test_every_mail_that_was_taken_is_one_ticket() -> None:
    moments = random.Random(20261130)
    with tempfile.TemporaryDirectory(prefix="aftercare-mail-") as place:
        port = free_port()
        service = Service(Path(place) / "data", AFTERCARE_SMTP_LISTEN=f"127.0.0.1:{port}")
        service.start(wait_s=60)
        service.seed()
        service.add_mailbox(SUPPORT)
        writers = [Writer(port, number) for number in range(2)]
        for writer in writers:
            writer.start()
        for turn in range(KILLS):
            service.wait_until(lambda: sum(len(writer.taken) for writer in writers) >= 8 * (turn + 1))  # noqa: B023
            time.sleep(moments.uniform(0, 0.5))
            service.kill()
            service.start(wait_s=60)
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(30)
        taken = sorted(title for writer in writers for title in writer.taken)
        assert sum(writer.retried for writer in writers) > 0
        told = service.mails()
        for _ in range(60):
            if not told["waiting"]:
                break
            time.sleep(0.5)
            told = service.mails()
        assert service.stop() < 10
    assert len(taken) >= 8 * KILLS
    assert sorted(told["titles"]) == taken
