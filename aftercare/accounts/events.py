"""What this room tells the rooms above; handlers run in the publisher's transaction and only write rows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CustomerCreated:
    """A customer was taken on."""

    customer_id: int
    at: datetime


@dataclass(frozen=True)
class AppCreated:
    """A customer's app was added; whoever keeps defaults per app makes them now."""

    app_id: int
    at: datetime


@dataclass(frozen=True)
class PersonInvited:
    """A person got a one-time link (a full address) to set a password; the link is kept nowhere else."""

    user_id: int
    link: str
    expires_at: datetime
    at: datetime


@dataclass(frozen=True)
class PersonDeactivated:
    """A person may no longer sign in."""

    user_id: int
    at: datetime


@dataclass(frozen=True)
class UserDataRequested:
    """Everything about one end user is to be exported or erased; see the DataRequest row."""

    request_id: int
    at: datetime
