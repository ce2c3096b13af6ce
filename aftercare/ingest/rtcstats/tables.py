"""The numbers by which rtcstats shortens names, those that are read here; every other name is passed over.

They are assigned once and for all (packages/rtcstats-shared/compression.js); what has no number is sent by its name.
"""

METHODS: dict[str | int, str] = {
    "g": "getStats",
    1: "getStats",
    "getstats": "getStats",
    6: "setLocalDescription",
    8: "setRemoteDescription",
    12: "createOfferOnFailure",
    13: "createAnswerOnFailure",
    14: "setLocalDescriptionOnFailure",
    15: "setRemoteDescriptionOnFailure",
    22: "ontrack",
    24: "oniceconnectionstatechange",
    25: "onconnectionstatechange",
    36: "close",
    39: "create",
    65: "navigator.mediaDevices.getUserMediaOnFailure",
    68: "navigator.mediaDevices.getDisplayMediaOnFailure",
    74: "MediaStreamTrack.onunmute",
}
TYPES: dict[int, str] = {
    1: "inbound-rtp",
    2: "outbound-rtp",
    3: "remote-inbound-rtp",
    4: "remote-outbound-rtp",
    5: "transport",
    6: "candidate-pair",
    7: "local-candidate",
    8: "remote-candidate",
}
PROPERTIES: dict[str, str] = {
    "10": "ssrc",
    "11": "kind",
    "14": "packetsReceived",
    "15": "packetsLost",
    "16": "jitter",
    "20": "framesDecoded",
    "22": "framesDropped",
    "23": "frameWidth",
    "24": "frameHeight",
    "25": "framesPerSecond",
    "32": "freezeCount",
    "33": "totalFreezesDuration",
    "41": "bytesReceived",
    "47": "jitterBufferDelay",
    "49": "jitterBufferEmittedCount",
    "51": "totalSamplesReceived",
    "52": "concealedSamples",
    "53": "silentConcealedSamples",
    "54": "concealmentEvents",
    "59": "totalSamplesDuration",
    "60": "framesReceived",
    "75": "roundTripTime",
    "79": "packetsSent",
    "80": "bytesSent",
    "91": "framesEncoded",
    "95": "qualityLimitationReason",
    "116": "protocol",
    "118": "state",
    "125": "selectedCandidatePairId",
    "136": "candidateType",
    "139": "relayProtocol",
    "145": "networkType",
    "148": "localCandidateId",
    "149": "remoteCandidateId",
    "150": "nominated",
    "152": "currentRoundTripTime",
}
# Sent by their names only, by browsers that still have them.
UNNUMBERED = frozenset(("type", "mediaType", "selected"))
# What is kept of a statistics object. No address, no user name fragment and no track label is among it.
KEPT = frozenset(PROPERTIES.values()) | UNNUMBERED
KEPT_TYPES = frozenset(TYPES.values())
