"""How an address is pinged from the places where regular work runs."""

from dataclasses import dataclass

CRONTAB = """\
30 2 * * *  /usr/local/bin/backup; curl -fsS -m 10 --retry 5 -o /dev/null {address}/$?"""
SYSTEMD = """\
# backup.service
[Service]
Type=oneshot
ExecStartPre=-curl -fsS -m 10 --retry 5 {address}/start
ExecStart=/usr/local/bin/backup
ExecStopPost=-/bin/sh -c 'test "$$SERVICE_RESULT" = success; curl -fsS -m 10 --retry 5 {address}/$$?'"""
KUBERNETES = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: backup
spec:
  schedule: "30 2 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: backup
              image: registry.example.com/backup:1
              command: ["/bin/sh", "-c"]
              args: ["/usr/local/bin/backup; code=$?; curl -fsS -m 10 --retry 5 {address}/$code; exit $code"]"""
GITHUB = """\
      - run: ./backup.sh
      - if: always()
        run: curl -fsS -m 10 --retry 5 "{address}/${{{{ job.status == 'success' && '0' || '1' }}}}" """
PYTHON = """\
from urllib.request import urlopen

urlopen("{address}/start", timeout=10)
try:
    back_up()
except Exception as error:
    urlopen("{address}/fail", data=str(error).encode()[:10_000], timeout=10)
    raise
urlopen("{address}", timeout=10)"""


@dataclass(frozen=True)
class Snippet:
    """A few lines to copy; `key` is fit for an element's id."""

    key: str
    title: str
    text: str


def snippets(address: str) -> list[Snippet]:
    """The lines for each place, with this address in them."""
    places = (
        ("crontab", "crontab", CRONTAB),
        ("systemd", "systemd", SYSTEMD),
        ("kubernetes", "Kubernetes CronJob", KUBERNETES),
        ("github", "GitHub Actions", GITHUB),
        ("python", "Python", PYTHON),
    )
    return [Snippet(key, title, text.format(address=address).strip("\n ")) for key, title, text in places]
