"""Who is who: customers, their apps, people, keys, invitations and requests about end users' data."""

from aftercare.accounts.models.customer import App, Customer, Plan, Rank, Scenario
from aftercare.accounts.models.data_request import DataRequest
from aftercare.accounts.models.key import IngestKey
from aftercare.accounts.models.token import ApiToken
from aftercare.accounts.models.user import CUSTOMER_ROLES, PROVIDER_ROLES, Invitation, Role, User

__all__ = [
    "CUSTOMER_ROLES",
    "PROVIDER_ROLES",
    "ApiToken",
    "App",
    "Customer",
    "DataRequest",
    "IngestKey",
    "Invitation",
    "Plan",
    "Rank",
    "Role",
    "Scenario",
    "User",
]
