/**
 * The codes of bindstatechange and what they become: `step` of joining, `error`, `note` for the next report's detail,
 * or what the session `does`. From the component pages of developers.weixin.qq.com, live-player and live-pusher.
 * A code that is not here is not documented there, and says nothing.
 */

/** Events whose wait counts from the component's start. */
const WAITED = { step: true, first_frame: true, start_left: true, push_ok: true };

const PLAYER = {
  2001: { step: "connect" },
  2002: { step: "signalling" }, // the server took the request and sends
  2003: { step: "first_packet" }, // the first IDR arrived
  2004: { does: "begins" }, // also after each 2007 that ended
  2005: { does: "begins" },
  2006: { does: "end" },
  2007: { does: "loads" },
  2101: { note: "video frame not decoded" },
  2102: { note: "audio frame not decoded" },
  2103: { error: true }, // connection lost, reconnecting
  2104: { note: "packets arrive unsteadily" },
  2105: { note: "video lags" },
  2106: { note: "hardware decoder failed" },
  2107: { note: "video frames missing" },
  2108: { note: "hardware decoder failed on the first frame" },
  3001: { error: true }, // DNS
  3002: { error: true }, // TCP
  3003: { error: true }, // RTMP handshake
  3005: { error: true }, // RTMP read or write
  6000: { does: "rests" },
  "-2301": { does: "breaks" },
  "-2302": { does: "breaks" },
};

const PUSHER = {
  1001: { step: "connect" },
  1002: { does: "begins" },
  1007: { step: "first_packet" }, // the first picture was taken
  1101: { note: "network busy" },
  1102: { error: true }, // connection lost, reconnecting
  1103: { note: "hardware encoder failed" },
  1104: { note: "video not encoded" },
  3001: { error: true },
  3002: { error: true },
  3003: { error: true },
  3004: { error: true }, // the server closed
  3005: { error: true },
  5000: { does: "rests" },
  5001: { does: "rests" },
  "-1301": { does: "breaks" }, // camera
  "-1302": { does: "breaks" }, // microphone
  "-1303": { does: "breaks" },
  "-1304": { does: "breaks" },
  "-1305": { does: "breaks" },
  "-1306": { does: "breaks" },
  "-1307": { does: "breaks" },
  "-1308": { does: "breaks" },
  "-1309": { does: "breaks" },
  "-1310": { does: "breaks" },
  "-1311": { note: "microphone records nothing" },
};

module.exports = { WAITED, PLAYER, PUSHER };
