"""Which way in an address belongs to: the source's path alone, or the path and a key."""

from dataclasses import dataclass

from aftercare.ingest.points.series import Registry
from aftercare.ingest.sources.cdn_log import CdnLog
from aftercare.ingest.sources.cmcd_events import CmcdEvents
from aftercare.ingest.sources.cmcd_log import CmcdLog
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
from aftercare.ingest.sources.janus import Janus
from aftercare.ingest.sources.native import Native
from aftercare.ingest.sources.otlp import OtlpMetrics
from aftercare.ingest.sources.otlp_traces import OtlpTraces
from aftercare.ingest.sources.remote_write import RemoteWrite
from aftercare.ingest.sources.rtcstats import RtcstatsDump
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


def all_sources(registry: Registry) -> tuple[Source, ...]:
    """Every way in, our own format first."""
    own: tuple[Source, ...] = (Native(), CmcdEvents(), CmcdLog(), CdnLog(), RtcstatsDump(), Janus())
    return (*own, *MEDIA_SERVERS, *CALLBACKS, RemoteWrite(registry), OtlpMetrics(registry), OtlpTraces(registry))


@dataclass(frozen=True)
class Route:
    """Where a request goes: the source, the key in the address ("" when there is none), and what follows it."""

    source: Source
    secret: str
    rest: str


class Routes:
    """The addresses of all ways in."""

    def __init__(self, registry: Registry) -> None:
        self.sources = all_sources(registry)

    @property
    def native(self) -> Source:
        """Our own format, in whose words an address that is nobody's is answered."""
        return self.sources[0]

    def find(self, path: str) -> Route | None:
        """The route of an address, None where no source listens."""
        for source in self.sources:
            if path == source.path:
                return Route(source, "", "")
            if path.startswith(source.path + "/"):
                secret, _, rest = path[len(source.path) + 1 :].partition("/")
                return Route(source, secret, rest.strip("/"))
        return None


def shown(route: Route) -> str:
    """The address without its key, for the log."""
    return f"{route.source.path}/…" if route.secret else route.source.path
