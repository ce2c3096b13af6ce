"""WebRTC as a viewer (WHEP) and as an anchor (WHIP, RFC 9725): signalling, connection, media, and a proper goodbye."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urljoin

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from aftercare.probe.guard import Guard
from aftercare.probe.http import Asked, fetch, host_of
from aftercare.probe.playing import watch_s
from aftercare.probe.rtc_tracks import CardAudio, CardVideo
from aftercare.probe.rtc_viewer import Viewer
from aftercare.probe.run import Run
from aftercare.probe.types import Failed

CONNECT_S, GOODBYE_S = 10.0, 3.0
SDP = "application/sdp"


def call_whep(run: Run) -> None:
    """Watch the target for its `watch_s` seconds. Raises Failed."""
    asyncio.run(with_peer(run, watch))


def push_whip(run: Run) -> None:
    """Push the test card to the target for its `watch_s` seconds. Raises Failed."""
    asyncio.run(with_peer(run, publish))


async def with_peer(run: Run, work: Callable[[Run, RTCPeerConnection], Awaitable[None]]) -> None:
    """Do the work with a connection that is closed in the end. No STUN: the server is to be public, we need not be."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        await work(run, peer)
    finally:
        await peer.close()


async def watch(run: Run, peer: RTCPeerConnection) -> None:
    """A viewer's call."""
    tracks: list[MediaStreamTrack] = []
    peer.on("track", tracks.append)
    for kind in ("video", "audio"):
        peer.addTransceiver(kind, direction="recvonly")
    resource = await signal(run, peer)
    try:
        await connected(run, peer)
        await Viewer(run, tracks).watch()
    finally:
        await goodbye(run, resource)


async def publish(run: Run, peer: RTCPeerConnection) -> None:
    """An anchor's push: taken once the connection stands, as an encoder would say."""
    peer.addTrack(CardVideo())
    peer.addTrack(CardAudio())
    resource = await signal(run, peer)
    try:
        await connected(run, peer)
        run.reached("push_ok")
        begun = run.ms
        await asyncio.sleep(watch_s(run))
        run.done("push", begun)
        run.seen.fields = sent_totals(await peer.getStats(), run.ms - begun)
        if peer.connectionState != "connected":
            raise Failed("push_broken", "the connection broke")
    finally:
        await goodbye(run, resource)


async def signal(run: Run, peer: RTCPeerConnection) -> str:
    """Offer and answer by HTTP; returns the resource's address, "" where the server named none. Raises Failed."""
    await peer.setLocalDescription(await peer.createOffer())
    headers = {"Content-Type": SDP, **credentials(run)}
    asked = Asked(run.target.address, "POST", headers, peer.localDescription.sdp.encode())
    reply = await asyncio.to_thread(fetch, run, asked)
    if reply.status != 201:
        raise Failed("signalling", f"the server answered {reply.status}, not 201")
    place = reply.headers.get("location", "")
    resource = urljoin(reply.url, place) if place else ""
    try:
        answer = allowed_answer(reply.body.decode("utf-8", "replace"), run.guard)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    except Failed:
        await goodbye(run, resource)
        raise
    except Exception as error:  # the library raises whatever the SDP makes it stumble over
        await goodbye(run, resource)
        raise Failed("signalling", f"the answer cannot be used: {error}") from None
    return resource


def credentials(run: Run) -> dict[str, str]:
    """The header with the target's bearer token, where it has one."""
    token = run.target.expect.get("token")
    return {"Authorization": f"Bearer {token}"} if token else {}


def allowed_answer(sdp: str, guard: Guard) -> str:
    """The answer without candidates that the guard does not let us reach. Raises Failed where none is left."""
    lines = sdp.splitlines()
    kept = [line for line in lines if not line.startswith("a=candidate:") or guard.allows(address_in(line))]
    if len(kept) < len(lines) and not any(line.startswith("a=candidate:") for line in kept):
        raise Failed("private_address", "the server's answer names no public address for the media")
    return "\r\n".join(kept) + "\r\n"


def address_in(candidate: str) -> str:
    """The address of a candidate line, "" where it has none."""
    words = candidate.split()
    return words[4] if len(words) > 4 else ""


async def connected(run: Run, peer: RTCPeerConnection) -> None:
    """Wait for ICE and DTLS. Raises Failed."""
    ends = time.monotonic() + CONNECT_S
    with run.step("ice"):
        while peer.connectionState != "connected":
            if peer.connectionState in ("failed", "closed") or time.monotonic() > ends:
                raise Failed("ice", f"no media connection: {peer.connectionState} after {CONNECT_S:g} s at most")
            await asyncio.sleep(0.01)


async def goodbye(run: Run, resource: str) -> None:
    """DELETE the resource, so that the server need not wait for silence; whatever it answers, the run is over."""
    if not resource:
        return
    silent = Run(run.target, run.guard)
    try:
        # A resource on another host than the target's is not shown the target's token.
        headers = credentials(run) if host_of(resource) == host_of(run.target.address) else {}
        asked = Asked(resource, "DELETE", headers, most_bytes=0)
        await asyncio.wait_for(asyncio.to_thread(fetch, silent, asked), GOODBYE_S)
    except (Failed, TimeoutError) as trouble:
        run.seen.detail["goodbye"] = str(trouble) or "no answer"


def sent_totals(stats: Any, lasted_ms: int) -> dict[str, Any]:
    """What was sent, and what the server says of it, from the library's statistics."""
    sent = [entry for entry in stats.values() if entry.type == "outbound-rtp"]
    told = [entry for entry in stats.values() if entry.type == "remote-inbound-rtp"]
    total = sum(entry.bytesSent for entry in sent)
    fields: dict[str, Any] = {
        "interval_ms": lasted_ms,
        "bytes": total,
        "packets": sum(entry.packetsSent for entry in sent),
        "bitrate_kbps": round(total * 8 / max(lasted_ms, 1), 1),
    }
    if told:
        fields["packets_lost"] = max(sum(entry.packetsLost for entry in told), 0)
        trips = [entry.roundTripTime for entry in told if entry.roundTripTime is not None]
        if trips:
            fields["rtt_ms"] = round(max(trips) * 1000, 1)
    return fields
