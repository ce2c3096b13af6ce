"""The base address where nobody set one: it follows from where `serve` listens."""

import argparse
import os

from aftercare.kernel.config import data_dir_of
from aftercare.serve.control import ask
from aftercare.serve.lock import is_served

VARIABLE = "AFTERCARE_BASE_URL"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not bound


def settle(arguments: argparse.Namespace) -> None:
    """Set the base address in the environment, before the settings are read. Raises Refused.

    `invite` writes a link and cannot know the port of the `serve` that will answer it, so it asks the running one.
    """
    if VARIABLE in os.environ:
        return
    if arguments.command == "serve":
        os.environ[VARIABLE] = address_of(arguments.host, arguments.port)
    elif arguments.command == "invite" and is_served(data_dir_of(os.environ)):
        os.environ[VARIABLE] = ask(data_dir_of(os.environ), "address")["base_url"]


def address_of(host: str, port: int) -> str:
    """How this machine reaches a server that listens there."""
    if host in EVERYWHERE:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
