"""A network with a bad link in it: a namespace behind two TUN devices, and packets lost, late or queued between them.

This machine's kernel may have no netem; two TUN devices and this file are all that is needed, and root. Settings may
be changed while it runs. Rates, delays and losses hold for each direction.
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

NEAR, FAR = "10.213.1.1", "10.213.1.2"
MTU = 1400
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000
# A router's buffer: what is queued longer than this is dropped.
LONGEST_QUEUE_S = 1.0


@dataclass(frozen=True)
class Weather:
    """What the link is like now."""

    loss: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    rate_bps: float = 0.0


class Link:
    """The running link. `near` is here at NEAR, `far` in the namespace at FAR."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.weather = Weather()
        self._random = random.Random(7)
        self._near = tun("acnear")
        self._far = in_namespace(namespace, "acfar")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def change(self, **settings: float) -> None:
        """Change the weather; what is not named is clear again."""
        self.weather = replace(Weather(), **settings)

    def start(self) -> None:
        """Give both ends their addresses and begin to carry."""
        inside = ["ip", "netns", "exec", self.namespace]
        for before, device, address in (([], "acnear", NEAR), (inside, "acfar", FAR)):
            run(*before, "ip", "address", "add", f"{address}/24", "dev", device)
            run(*before, "ip", "link", "set", device, "mtu", str(MTU), "up")
        run(*inside, "ip", "link", "set", "lo", "up")
        self._thread.start()

    def stop(self) -> None:
        """End carrying; both devices go with their descriptors."""
        self._stop.set()
        self._thread.join()
        os.close(self._near)
        os.close(self._far)

    def _carry(self) -> None:
        due: list[tuple[float, int, int, bytes]] = []
        free_at = {self._near: 0.0, self._far: 0.0}
        number = 0
        while not self._stop.is_set():
            wait_s = max(due[0][0] - time.monotonic(), 0) if due else 0.1
            for source in select.select([self._near, self._far], [], [], min(wait_s, 0.1))[0]:
                packet, now, weather = os.read(source, 65536), time.monotonic(), self.weather
                to = self._far if source == self._near else self._near
                if self._random.random() < weather.loss:
                    continue
                free_at[to] = max(free_at[to], now)
                if weather.rate_bps:
                    if free_at[to] - now > LONGEST_QUEUE_S:
                        continue
                    free_at[to] += 8 * len(packet) / weather.rate_bps
                at = free_at[to] + weather.delay_s + self._random.uniform(-1, 1) * weather.jitter_s
                number += 1
                heapq.heappush(due, (at, number, to, packet))
            while due and due[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(due)
                with contextlib.suppress(OSError):
                    os.write(to, packet)


def tun(name: str) -> int:
    """A TUN device in the namespace of this thread; gives its descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def in_namespace(namespace: str, name: str) -> int:
    """A TUN device in another namespace: made by a thread that has gone there, and ends there."""
    made: list[int] = []

    def make() -> None:
        with Path(f"/run/netns/{namespace}").open("rb") as place:
            if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made.append(tun(name))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def run(*command: str) -> None:
    """A command that must succeed."""
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def bad_link() -> Iterator[Link]:
    """A link and its namespace for one test. Where there is no right to make one, the test says so and fails."""
    namespace = f"aftercare-{os.getpid()}"
    try:
        run("ip", "netns", "add", namespace)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.fail(f"no right to make a network namespace here (root, CAP_SYS_ADMIN): {error}")
    try:
        link = Link(namespace)
    except OSError as error:
        pytest.fail(f"no right to make a TUN device here (/dev/net/tun, CAP_NET_ADMIN): {error}")
    else:
        link.start()
        try:
            yield link
        finally:
            link.stop()
    finally:
        run("ip", "netns", "delete", namespace)
