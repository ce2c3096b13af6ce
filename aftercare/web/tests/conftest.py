"""Every test of the frame begins in English and UTC, whatever the one before it left."""

from collections.abc import Iterator

import pytest
from django.utils import timezone, translation


@pytest.fixture(autouse=True)
def plain_reader() -> Iterator[None]:
    """A reader of English in UTC."""
    with translation.override("en"), timezone.override("UTC"):
        yield
