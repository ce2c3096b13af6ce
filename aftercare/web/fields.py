"""Fields that forms of several rooms have."""

from datetime import datetime
from typing import Any

from django import forms


class WallClock(forms.DateTimeField):
    """A wall-clock time as it was typed, without a zone, whatever the reader's own zone makes of it."""

    TYPED = "%Y-%m-%dT%H:%M"
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TYPED)

    def to_python(self, value: Any) -> datetime | None:
        """The time, naive."""
        if value in self.empty_values:
            return None
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
