"""A real IMAP server at loopback: Debian's Dovecot, with one user and a Maildir of their own."""

import getpass
import imaplib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.service import free_port

USER, PASSWORD = "support", "geheim"
CONF = """\
base_dir = {run}
state_dir = {run}
log_path = {run}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
mail_location = maildir:{mail}
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
first_valid_uid = 1
mail_fsync = always
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}
}}
"""


class Dovecot:
    """One server; mails are put into its folder as a mail server does."""

    def __init__(self, place: Path) -> None:
        self.place, self.port = place, free_port()
        self.mail = place / "mail"
        self._process: subprocess.Popen[bytes] | None = None
        self._put = 0

    def start(self) -> None:
        """Start, and wait until it takes the sign-in."""
        run = self.place / "run"
        run.mkdir(exist_ok=True)
        is_root = os.geteuid() == 0
        owner = "mail" if is_root else getpass.getuser()
        for name in ("cur", "new", "tmp"):
            (self.mail / name).mkdir(parents=True, exist_ok=True)
        for path in (self.place, self.mail, *self.mail.iterdir()):
            path.chmod(0o755)
            if is_root:
                shutil.chown(path, "mail", "mail")
        stat = self.mail.stat()
        told = {
            "login": "dovenull" if is_root else owner,
            "internal": "dovecot" if is_root else owner,
            "group": "dovecot" if is_root else owner,
        }
        conf = self.place / "dovecot.conf"
        conf.write_text(
            CONF.format(
                run=run,
                ssl="no",
                certificate="",
                mail=self.mail,
                port=self.port,
                password=PASSWORD,
                uid=stat.st_uid,
                gid=stat.st_gid,
                **told,
            )
        )
        self._process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(conf)])
        for _ in range(100):
            try:
                with imaplib.IMAP4("127.0.0.1", self.port, timeout=5) as imap:
                    imap.login(USER, PASSWORD)
                    return
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.1)
        raise AssertionError(f"Dovecot did not start:\n{(run / 'log').read_text() if (run / 'log').exists() else ''}")

    def put(self, raw: bytes) -> None:
        """A mail arrives."""
        self._put += 1
        draft = self.mail / "tmp" / f"{self._put}"
        draft.write_bytes(raw)
        if os.geteuid() == 0:
            shutil.chown(draft, "mail", "mail")
        draft.rename(self.mail / "new" / f"{int(time.time())}.{self._put}.test")

    def stop(self) -> None:
        """End it and its children."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


def new_place() -> Path:
    """A folder that Dovecot's own users may enter."""
    return Path(tempfile.mkdtemp(prefix="aftercare-dovecot-", dir="/tmp"))
