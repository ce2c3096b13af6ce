"""What changes in this room: the resource map, and the work on end users' data."""

from aftercare.telemetry.actions.learning import learn_from_sessions
from aftercare.telemetry.actions.resources import add_resource, end_service, serve_customer

__all__ = ["add_resource", "end_service", "learn_from_sessions", "serve_customer"]
