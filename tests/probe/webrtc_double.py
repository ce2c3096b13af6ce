"""A small WHIP and WHEP server: aiortc behind a plain HTTP server, strict about the protocol of RFC 9725."""

import asyncio
import http.server
import threading
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole

from aftercare.probe.rtc_tracks import CardAudio, CardVideo


class RtcServer:
    """`/whep` gives the test card, `/whip` takes anything. `goodbyes` are the resources that were deleted."""

    def __init__(self, *, mangle: Any = lambda sdp: sdp, token: str = "") -> None:
        self.goodbyes: list[str] = []
        self.received = 0
        self._mangle = mangle
        self._peers: dict[str, RTCPeerConnection] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        rtc = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
                right = self.path in ("/whip", "/whep") and self.headers["Content-Type"] == "application/sdp"
                if not right:
                    self.send_error(404)
                    return
                if token and self.headers["Authorization"] != f"Bearer {token}":
                    self.send_error(401)
                    return
                answer = rtc.run(rtc.answer(self.path, offer)).encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/sdp")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Location", f"/resource/{len(rtc._peers)}")
                self.end_headers()
                self.wfile.write(answer)

            def do_DELETE(self) -> None:
                if not token or self.headers["Authorization"] == f"Bearer {token}":
                    rtc.goodbyes.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def answer(self, path: str, offer: str) -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers[str(len(self._peers) + 1)] = peer
        sink = MediaBlackhole()
        peer.on("track", sink.addTrack)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if path == "/whep":
            peer.addTrack(CardVideo())
            peer.addTrack(CardAudio())
        await peer.setLocalDescription(await peer.createAnswer())
        await sink.start()
        return str(self._mangle(peer.localDescription.sdp))

    async def packets(self) -> int:
        """Media packets that came in."""
        total = 0
        for peer in self._peers.values():
            stats = await peer.getStats()
            total += sum(entry.packetsReceived for entry in stats.values() if entry.type == "inbound-rtp")
        return total

    def close(self) -> None:
        for peer in self._peers.values():
            self.run(peer.close())
        self._server.shutdown()
        self._server.server_close()
        self._loop.call_soon_threadsafe(self._loop.stop)
