"""Which way in an address belongs to: the source's path alone, or the path and a key."""

from dataclasses import dataclass

from aftercare.ingest.sources.cmcd_events import CmcdEvents
from aftercare.ingest.sources.hooks.nginx_rtmp import NginxRtmp
from aftercare.ingest.sources.hooks.node_media_server import NodeMediaServer
from aftercare.ingest.sources.hooks.srs import Srs
from aftercare.ingest.sources.native import Native
from aftercare.ingest.sources.source import Source

SOURCES: tuple[Source, ...] = (Native(), CmcdEvents(), Srs(), NginxRtmp(), NodeMediaServer())


@dataclass(frozen=True)
class Route:
    """Where a request goes: the source, the key in the address ("" when there is none), and what follows it."""

    source: Source
    secret: str
    rest: str


def route_of(path: str) -> Route | None:
    """The route of an address, None where no source listens."""
    for source in SOURCES:
        if path == source.path:
            return Route(source, "", "")
        if path.startswith(source.path + "/"):
            secret, _, rest = path[len(source.path) + 1 :].partition("/")
            return Route(source, secret, rest.strip("/"))
    return None


def shown(route: Route) -> str:
    """The address without its key, for the log."""
    return f"{route.source.path}/…" if route.secret else route.source.path
