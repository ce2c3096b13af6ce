"""Django's own commands for developers (`python -m aftercare.serve.manage makemigrations desk`)."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one Django management command with this project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
