"""Which field of a log line says what: the names that servers and CDNs give their fields."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qs

from aftercare.ingest.http import Answer

# What a line can say. `ended` and `began` are instants; `took` is until the last byte was sent.
SAYS = (
    *("ended", "began", "took_s", "took_ms", "first_byte_s", "first_byte_ms", "status", "bytes", "host", "uri"),
    *("query", "request", "address", "agent", "id", "cmcd", "cmcd_header", "stream", "country", "province"),
    *("carrier", "cdn"),
)

# What each thing may be called, the first that a line has is taken. Case and "-" against "_" do not matter.
Names = Mapping[str, tuple[str, ...]]

HEADERS = (
    *("cmcd_request", "cmcd_object", "cmcd_status", "cmcd_session"),
    *("http_cmcd_request", "http_cmcd_object", "http_cmcd_status", "http_cmcd_session"),
    *("h_req", "h_obj", "h_sta", "h_ses"),
)
# nginx's own variables first (https://nginx.org/en/docs/http/ngx_http_log_module.html), then what people call them.
SERVER: Names = {
    "ended": ("msec", "time_iso8601", "time_local", "time", "timestamp", "@timestamp", "ts", "t"),
    "took_s": ("request_time", "rt"),
    "first_byte_s": ("upstream_header_time", "upstream_first_byte", "uht"),
    "status": ("status", "st", "status_code"),
    "bytes": ("bytes_sent", "body_bytes_sent", "bytes", "b"),
    "host": ("host", "http_host", "domain", "server_name"),
    "uri": ("request_uri", "uri", "url", "path"),
    "query": ("args", "query", "query_string"),
    "request": ("request",),
    "address": ("remote_addr", "client_ip", "client", "ip"),
    "agent": ("http_user_agent", "user_agent", "ua"),
    "id": ("request_id", "uuid"),
    "cmcd": ("cmcd", "arg_cmcd", "q"),
    "cmcd_header": HEADERS,
    "stream": ("stream",),
    "country": ("country",),
    "province": ("province",),
    "carrier": ("carrier", "isp"),
    "cdn": ("cdn",),
}
# https://www.alibabacloud.com/help/en/cdn/user-guide/fields-in-real-time-logs: `unixtime` is the request's end,
# `request_time` is in milliseconds, the time of the first byte is not told. ApsaraVideo VOD and DCDN have the same.
ALIYUN: Names = {
    "ended": ("unixtime",),
    "took_ms": ("request_time",),
    "status": ("return_code",),
    "bytes": ("response_size", "body_bytes_sent"),
    "host": ("domain",),
    "uri": ("uri",),
    "query": ("uri_param",),
    "address": ("client_ip", "remote_ip"),
    "agent": ("user_agent",),
    "id": ("uuid",),
}
# https://www.tencentcloud.com/document/product/614/42748: `time` is when the request came, in seconds,
# `request_time` is in milliseconds until the last byte, the time of the first byte is not told.
TENCENT: Names = {
    "began": ("time",),
    "took_ms": ("request_time",),
    "status": ("http_code",),
    "bytes": ("rsp_size",),
    "host": ("host",),
    "uri": ("url",),
    "query": ("param",),
    "address": ("client_ip",),
    "agent": ("ua",),
    "id": ("uuid",),
    "province": ("prov",),
    "carrier": ("isp",),
}
FORMATS: Mapping[str, Names] = {"generic": SERVER, "aliyun": ALIYUN, "tencent": TENCENT}


@lru_cache(1024)
def names_asked(query: bytes) -> tuple[str, Names]:
    """The format that an address line names, and its fields with those of `map` put first.

    `format=generic|aliyun|tencent`, `map=status:code,bytes:size`: what is said, a colon, the field that says it.
    Raises Answer 422: nothing is wrong with the lines, and they must not be thrown away for it.
    """
    asked = parse_qs(query.decode("latin-1"))
    name = asked.get("format", ["generic"])[0]
    if name not in FORMATS:
        raise Answer(422, f"format {name[:40]!r} is not known here; the known ones are {', '.join(FORMATS)}")
    names = dict(FORMATS[name])
    for pair in filter(None, ",".join(asked.get("map", [])).split(",")):
        says, colon, field = pair.partition(":")
        if says.strip() not in SAYS or not colon or not field.strip():
            told = f"map has {pair[:80]!r}: write what is said, a colon and the field; of {', '.join(SAYS)}"
            raise Answer(422, told)
        if says.strip() in ("ended", "began"):  # only one of them is the line's time
            names.pop("ended", None)
            names.pop("began", None)
        names[says.strip()] = (flat(field.strip()), *names.get(says.strip(), ()))
    return name, names


def flat(name: str) -> str:
    """A field's name without what does not matter in it."""
    return name.lower().replace("-", "_")
