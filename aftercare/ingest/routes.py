"""Which way in an address belongs to: the source's path alone, or the path and a key."""

from dataclasses import dataclass

from aftercare.ingest.sources.cmcd_events import CmcdEvents
from aftercare.ingest.sources.hooks.agora import Agora
from aftercare.ingest.sources.hooks.aliyun_live import AliyunLive
from aftercare.ingest.sources.hooks.aliyun_rtc import AliyunRtc
from aftercare.ingest.sources.hooks.nginx_rtmp import NginxRtmp
from aftercare.ingest.sources.hooks.node_media_server import NodeMediaServer
from aftercare.ingest.sources.hooks.srs import Srs
from aftercare.ingest.sources.hooks.tencent_live import TencentLive
from aftercare.ingest.sources.hooks.tencent_trtc import TencentTrtc
from aftercare.ingest.sources.hooks.volc_live import VolcLive
from aftercare.ingest.sources.hooks.volc_rtc import VolcRtc
from aftercare.ingest.sources.hooks.zego import Zego
from aftercare.ingest.sources.native import Native
from aftercare.ingest.sources.source import Source

MEDIA_SERVERS: tuple[Source, ...] = (Srs(), NginxRtmp(), NodeMediaServer())
CALLBACKS: tuple[Source, ...] = (
    Agora(),
    TencentTrtc(),
    TencentLive(),
    AliyunLive(),
    AliyunRtc(),
    Zego(),
    VolcRtc(),
    VolcLive(),
)
SOURCES: tuple[Source, ...] = (Native(), CmcdEvents(), *MEDIA_SERVERS, *CALLBACKS)


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
