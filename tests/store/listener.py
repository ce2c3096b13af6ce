"""ClickHouse's HTTP interface in front of a chDB folder, for tests of the server mode only.

`python -m tests.store.listener FOLDER PORT` serves until it is ended. It speaks as much of the protocol as
clickhouse-connect's HTTP client uses: queries and bound parameters, settings in the address, inserts with their data
in the body, compressed bodies both ways, errors with their code in a header.
"""

import base64
import gzip
import json
import queue
import re
import sys
import tempfile
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

try:
    from compression import zstd
except ImportError:
    from backports import zstd

USER, PASSWORD = "aftercare", "s3cret/&"
# What the interface reads itself; every other name in the address is a setting of the query.
RESERVED = {"query", "database", "query_id", "session_id", "session_timeout", "session_check", "default_format"}
RESERVED |= {"enable_http_compression", "wait_end_of_query", "send_progress_in_http_headers", "role"}
RESERVED |= {"http_headers_progress_interval_ms", "client_protocol_version", "buffer_size", "compress", "decompress"}
INSERT = re.compile(rb"(\s*INSERT\s+INTO\s.+?)\s+FORMAT\s+(?!Values\b)(\w+)[ \t]*(?:\r?\n|$)", re.I | re.S)
GIVES_ROWS = re.compile(r"\s*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXISTS|EXPLAIN)\b", re.I)
FORMAT_AT_END = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.I)
CODE = re.compile(r"Code: (\d+)")
NOT_FOUND, BAD_REQUEST = {60, 81, 16, 47}, {62, 36, 43, 53, 115}
PACK = {"gzip": gzip.compress, "zstd": zstd.compress, "": bytes}
UNPACK = {"gzip": gzip.decompress, "zstd": zstd.decompress, "": bytes}
if find_spec("lz4"):  # the client does without it too where there is no wheel for this Python
    lz4 = import_module("lz4.frame")
    PACK["lz4"], UNPACK["lz4"] = lz4.compress, lz4.decompress


class Engine:
    """A few chDB connections to one folder."""

    def __init__(self, folder: str, size: int = 8) -> None:
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(chdb.connect(folder))
        self.timezone = self.run("SELECT timezone()", "TabSeparated", {}, {}, "").decode().strip()

    def run(self, sql: str, form: str, parameters: dict[str, str], settings: dict[str, str], database: str) -> bytes:
        """The result's bytes. Raises RuntimeError with the engine's words."""
        connection = self._free.get()
        done: list[str] = []
        try:
            connection.query(f"USE `{database or 'default'}`", "Null")
            for name, value in settings.items():
                quoted = value.replace("\\", "\\\\").replace("'", "\\'")
                connection.query(f"SET {name} = '{quoted}'", "Null")
                done.append(name)
            return connection.query(sql, form, params=parameters).bytes()
        finally:
            for name in done:
                connection.query(f"SET {name} = DEFAULT", "Null")
            self._free.put(connection)

    def insert(self, statement: str, form: str, data: bytes, settings: dict[str, str], database: str) -> None:
        """Rows in one of the engine's formats, as they came in a body."""
        with tempfile.NamedTemporaryFile(prefix="aftercare-listener-") as file:
            file.write(data)
            file.flush()
            self.run(f"{statement} FROM INFILE '{file.name}' FORMAT {form}", "Null", {}, settings, database)


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def setup(self) -> None:
        """Answers go out whole: small segments would wait for the client's acknowledgements."""
        super().setup()
        self.wfile = self.connection.makefile("wb", 1 << 20)

    def do_GET(self) -> None:
        """The ping, or a query in the address."""
        if urlsplit(self.path).path == "/ping":
            self.answer(200, b"Ok.\n", {})
        else:
            self.do_POST()

    def do_POST(self) -> None:
        """One statement."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.read_chunks()
        address = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        try:
            self.check_user()
            body = UNPACK[self.headers.get("Content-Encoding") or ""](body)
            self.serve(body, address)
        except Exception as error:
            self.refuse(str(error))

    def serve(self, body: bytes, address: dict[str, str]) -> None:
        """Run the statement of one request and answer with its rows."""
        parameters = {name[6:]: value for name, value in address.items() if name.startswith("param_")}
        settings = {n: v for n, v in address.items() if n not in RESERVED and not n.startswith("param_")}
        database = address.get("database", "")
        text = b"\n".join(part for part in (address.get("query", "").encode(), body) if part)
        headers = {"X-ClickHouse-Query-Id": address.get("query_id") or str(uuid.uuid4())}
        insert = INSERT.match(text)
        if insert:
            self.engine.insert(insert[1].decode(), insert[2].decode(), text[insert.end() :], settings, database)
            return self.answer(200, b"", headers)
        sql = text.decode()
        asked = FORMAT_AT_END.search(sql)
        form = asked[1] if asked else address.get("default_format", "TabSeparated")
        rows = self.engine.run(sql, form, parameters, settings, database)
        if GIVES_ROWS.match(sql):
            headers["X-ClickHouse-Format"] = form
        packed = address.get("enable_http_compression") == "1"
        return self.answer(200, rows, headers, packed=packed)

    def check_user(self) -> None:
        """Raise the engine's own error for a wrong password."""
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic" or base64.b64decode(given).decode() != f"{USER}:{PASSWORD}":
            raise PermissionError("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)")

    def read_chunks(self) -> bytes:
        """A body without a length."""
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def refuse(self, words: str) -> None:
        """An error as the server tells it."""
        found = CODE.search(words)
        code = int(found[1]) if found else 1000
        status = 404 if code in NOT_FOUND else 400 if code in BAD_REQUEST else 403 if code == 516 else 500
        self.answer(status, words.encode() + b"\n", {"X-ClickHouse-Exception-Code": str(code)})

    def answer(self, status: int, body: bytes, headers: dict[str, str], *, packed: bool = False) -> None:
        """Send an answer, packed as the client likes it best."""
        wanted = [name.strip() for name in self.headers.get("Accept-Encoding", "").split(",")]
        encoding = next((name for name in wanted if name in PACK), "") if packed else ""
        body = PACK[encoding](body)
        if encoding:
            headers["Content-Encoding"] = encoding
        summary = {"read_rows": "0", "written_rows": "0", "result_rows": "0"}
        headers |= {"X-ClickHouse-Timezone": self.engine.timezone, "X-ClickHouse-Summary": json.dumps(summary)}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """One thread per connection; a client that goes away is no news."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until the end."""
    Handler.engine = Engine(sys.argv[1])
    server = Listener(("127.0.0.1", int(sys.argv[2])), Handler)
    print("listening", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
