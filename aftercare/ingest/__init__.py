"""The front door for telemetry: ASGI, no Django."""
