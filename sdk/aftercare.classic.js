(function () {
"use strict";
/**
 * Aftercare's browser SDK: tells what a viewer or a caller sees to `POST <url>/v1/samples/<key>`; see docs/sdk.md.
 * What is not known is left out, never told as 0. Nothing in here throws into the page. Licence: Apache-2.0.
 */
const VERSION = "1.0.0";

const BATCH_BYTES = 30000; // a page that is going may still send 64 KB: two of these
const MOST_LINES = 600; // an hour offline
const ASLEEP_MS = 120000; // a report later than this slept: what happened meanwhile is unknown
const SMALLEST_GAP = 200; // the cut-offs in use lie between these two, in ms
const LARGEST_GAP = 600;
const TIMED = /^(join_ok|first_frame|start_left|step|call_(rung|answered|connected))$/;

const now = () => performance.now();
const round = (number) => Math.max(0, Math.round(number));
const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");

/** The same function, whose failure stays in here. */
const safe =
  (work) =>
  (...given) => {
    try {
      const result = work(...given);
      result?.catch?.(() => {});
      return result;
    } catch {
      return undefined;
    }
  };

/** An object without what is unknown. */
const known = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value || value === 0));
const text = (value) => value && String(value).slice(0, 128);
const texts = (fields) => known(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, text(value)])));

const factsOf = ({ stream, call, user, role, scenario, app_version, facts }) =>
  texts({ stream, call, user, role, scenario, app_version, ...facts });

/** Device, system, network and browser, coarse on purpose. */
function surroundings() {
  const agent = navigator.userAgent;
  const systems = /(iPhone|iPad|Android|Windows|Mac OS X|Linux(?!; A))(?:; CPU.*? OS| NT)? (\d*)/;
  const [, name = "", version = ""] = systems.exec(agent) ?? [];
  const os = { iPhone: "iOS", iPad: "iPadOS", "Mac OS X": "macOS" }[name] ?? name;
  const device = name && (/iPhone|Android/.test(name) ? "phone" : name === "iPad" ? "tablet" : "desktop");
  const browser = ["Edg", "Firefox", "Chrome", "Safari"].find((each) => agent.includes(each)) ?? "";
  const { type, effectiveType } = navigator.connection ?? {};
  const network = /wifi|cellular|ethernet/.test(type) ? type : effectiveType && `${effectiveType}-class`;
  return known({ os: `${os} ${version}`.trim(), device, network, sdk: `web ${browser}`.trim(), sdk_version: VERSION });
}

/** Lines on their way: in batches, each sent under one name until it is answered. */
class Outbox {
  constructor({ url, key }) {
    this.address = `${String(url).replace(/\/+$/, "")}/v1/samples/${encodeURIComponent(key)}?batch=`;
    this.lines = [];
    this.dropped = this.failures = this.resumes = 0;
    this.stopped = !url || !key;
  }

  /** Keep a line; when full, the oldest interval report goes. */
  add(line) {
    if (this.stopped) return;
    this.lines.push(line);
    if (this.lines.length <= MOST_LINES) return;
    this.lines.splice(Math.max(0, this.lines.findIndex(({ event }) => !event)), 1);
    this.dropped++;
  }

  /** The batch to send now. Each tells its sessions' facts anew: a lost one takes nothing along. */
  next() {
    if (this.batch || !this.lines.length) return this.batch;
    const said = {};
    let text = "";
    for (let line; (line = this.lines[0]); this.lines.shift()) {
      const told = { ...line };
      if (said[line.session] === line.facts) delete told.facts;
      if (this.dropped) told.detail = `reports dropped: ${this.dropped}; ${line.detail ?? ""}`;
      const more = `${JSON.stringify(told)}\n`;
      if (text && new Blob([text, more]).size > BATCH_BYTES) break;
      text += more;
      said[line.session] = line.facts;
      this.dropped = 0;
    }
    return (this.batch = { address: this.address + newId(), text });
  }

  async flush() {
    if (this.busy || this.stopped || now() < this.resumes || !this.next()) return;
    const { batch } = this;
    this.busy = true;
    const answer = await this.post(batch).catch(() => {});
    this.busy = false;
    if (this.batch === batch) this.settle(answer?.status ?? 0, answer?.headers.get("retry-after") * 1000);
  }

  /** A string goes as text/plain, without cookies: no preflight. */
  post({ address, text }) {
    const signal = AbortSignal.timeout?.(30000);
    return fetch(address, { method: "POST", body: text, keepalive: true, credentials: "omit", signal });
  }

  settle(status, retryAfter) {
    this.offline = !status;
    if (status === 401 || status === 410) {
      this.stopped = true;
      this.lines = [];
    } else if (!status || status === 408 || status === 429 || status >= 500) {
      const wait = retryAfter || Math.min(60000, 1000 * 2 ** this.failures++);
      this.resumes = now() + wait * (1 + Math.random() / 2);
      setTimeout(() => this.flush(), this.resumes - now() + 1);
    } else {
      this.batch = null;
      this.failures = 0;
      this.flush();
    }
  }

  /** The network is back: a pause that was only for it ends. */
  online() {
    if (this.offline) this.resumes = 0;
    this.flush();
  }

  /** The page is going: hand over what the browser still takes; what is under way goes on by itself. */
  leave() {
    for (let sent = 0; sent < 2 && !this.stopped; sent++) {
      if (!sent && this.busy) this.batch = null;
      else if (this.next() && !navigator.sendBeacon?.(this.batch.address, this.batch.text)) return;
      this.batch = null;
    }
  }
}

/** One playback, push or call leg. */
class Session {
  constructor({ sample = 1, ...options }, outbox) {
    this.outbox = outbox;
    this.on = Math.random() < sample;
    this.given = factsOf(options);
    this.parts = [];
    this.undo = [];
    this.begin();
  }

  /** Begin under a new name; also when playing begins again after its end. */
  begin() {
    this.id = newId();
    this.mark = now();
    this.asked = this.first = this.over = this.unseen = this.told = false;
    this.steps = {};
    this.facts = { ...surroundings(), ...this.given };
  }

  /** Facts that hold from here on. */
  say(facts) {
    const more = texts(facts);
    Object.assign(this.given, more);
    if (Object.keys(more).some((name) => this.facts[name] !== more[name])) this.facts = { ...this.facts, ...more };
  }

  tell(fields) {
    if (!this.on || this.over) return;
    this.told = true;
    this.outbox.add({ session: this.id, ts: Date.now(), facts: this.facts, ...known(fields) });
  }

  /** Playing or joining was asked for, now; the earliest time counts. */
  ask() {
    this.asked ||= now();
  }

  /** An event; its wait counts from what was asked, unless given. */
  event(event, { code, ...fields } = {}) {
    const elapsed_ms = TIMED.test(event) && this.asked && !this.unseen && Math.max(1, round(now() - this.asked));
    this.tell({ event, code: text(code), elapsed_ms, ...fields });
    setTimeout(() => this.outbox.flush(), 200);
  }

  /** A step of joining, once. */
  step(code, fields) {
    if (!this.steps[code]) this.event("step", { code, ...fields });
    this.steps[code] = true;
  }

  firstFrame(fields) {
    if (!this.first) this.event("first_frame", fields);
    this.first = true;
  }

  /** Playing ended by an error. */
  fail(code) {
    this.event(this.first ? "error" : "start_failed", { code });
    if (this.first) return;
    this.asked = false;
    this.end();
  }

  /** What happened since the last report. */
  report() {
    const length = now() - this.mark;
    const body = { interval_ms: round(length) };
    this.mark = now();
    const happened = this.parts.map((part) => part.report(body, length)).some(Boolean);
    if (happened && length < ASLEEP_MS) this.tell(body);
  }

  /** The session ends; playing again begins a new one. */
  end() {
    if (!this.over) this.report();
    if (this.plays && this.asked && !this.first) this.event("start_left");
    if (this.told) this.event("leave");
    this.over = true;
  }

  /** The session ends for good. */
  leave() {
    this.end();
    this.on = false;
    this.left = true;
    for (const undo of this.undo.splice(0)) safe(undo)();
  }

  /** Listen to a DOM target or a player until the session is left. */
  listen(target, names, work) {
    const heard = safe(work);
    const [add, remove] = target.addEventListener ? ["addEventListener", "removeEventListener"] : ["on", "off"];
    for (const name of names.split(" ")) {
      target[add](name, heard);
      this.undo.push(() => target[remove](name, heard));
    }
  }
}

/** The gaps between a video's frames, raw; what is not due (`runs` says) is not in them. */
class Frames {
  constructor(session, element, runs, seen) {
    Object.assign(this, { runs, gaps: [], last: 0, usual: 0, count: 0, works: !!element.requestVideoFrameCallback });
    if (!this.works) return;
    const each = safe((stamp, meta) => {
      handle = element.requestVideoFrameCallback(each);
      seen?.();
      this.frame(meta.presentationTime ?? stamp, meta);
    });
    let handle = element.requestVideoFrameCallback(each);
    session.undo.push(() => element.cancelVideoFrameCallback(handle));
    session.listen(document, "visibilitychange", () => this.cut(document.hidden));
  }

  frame(at, { presentedFrames, mediaTime }) {
    if (this.last && this.runs()) {
      // A busy page misses callbacks: frames that were shown meanwhile share the time.
      const gap = (at - this.last) / Math.max(1, presentedFrames - this.shown);
      const content = (mediaTime - this.media) * 1000;
      this.count = Math.min(this.count + 1, 30);
      this.usual += (Math.min(gap, content > 0 ? content : gap, 250) - this.usual) / this.count;
      if (gap >= SMALLEST_GAP) this.add(at);
    }
    this.last = this.from = this.runs() ? at : 0;
    this.shown = presentedFrames;
    this.media = mediaTime;
  }

  /** Keep a gap; a picture that by nature changes less than five times a second has none. */
  add(end) {
    if (this.usual < SMALLEST_GAP) this.gaps.push(round(end - this.from));
    this.from = end;
  }

  /** No frame is due any more; a gap that was open ends here, or was none. */
  cut(counts) {
    if (counts && this.last && now() - this.last >= SMALLEST_GAP) this.add(now());
    this.last = 0;
  }

  /** The gaps since the last report. Of an open one all but its newest part, long enough to count by itself. */
  report(body) {
    const open = this.last && now() - this.last;
    if (open > 2 * LARGEST_GAP && now() - this.from > 2 * LARGEST_GAP) this.add(now() - LARGEST_GAP);
    if (open > LARGEST_GAP && this.usual < SMALLEST_GAP) body.detail = `frozen for ${round(open)} ms`;
    const gaps = this.gaps.splice(0);
    if (gaps.length) body.video_gaps = [...(body.video_gaps ?? []), ...gaps].slice(0, 1000);
  }
}

/** A `<video>`: what it plays, waits for and shows. */
class Video {
  constructor(session, element) {
    Object.assign(this, { session, element, state: "idle", since: now(), play_ms: 0, stall_ms: 0, stalls: 0, seen: 0 });
    session.plays = true;
    this.frames = new Frames(session, element, () => this.shows, () => this.sees());
    for (const name of ["play", "playing", "waiting", "pause", "seeking", "ended", "error", "timeupdate"]) {
      session.listen(element, name, () => this[name]());
    }
    session.listen(element, "emptied", () => this.pause());
    session.listen(document, "visibilitychange", () => this.turn(this.state));
    this.quality = this.counts();
    if (!element.paused && element.currentTime) {
      session.firstFrame(); // it played before we came: how long it had to be waited for is unknown
      this.turn("play_ms");
    } else if (!element.paused || element.autoplay) this.play();
  }

  /** Count the time until now to the state that held, then change it. */
  turn(state) {
    const length = now() - this.since;
    this.since += length;
    if (this.state !== "idle") this[this.state] += length;
    if (this.shows) this.seen += length;
    this.state = state;
    this.shows = state !== "idle" && !document.hidden;
    if (document.hidden && !this.session.first) this.session.unseen = true;
  }

  /** A frame was shown: the first one, if it was asked for; else the picture that stands before playing. */
  sees() {
    const { asked, first } = this.session;
    this.early = !asked;
    if (asked && !first && !this.element.paused) this.playing(true);
  }

  play() {
    const { session } = this;
    if (session.over) session.begin();
    if (!session.first) session.ask();
    this.turn(this.state);
  }

  /** Where no frame can be told of, playing itself is the first sign of one. */
  playing(seen = this.early || !this.frames.works || document.hidden || !this.element.videoWidth) {
    const { session } = this;
    if (session.over) session.begin();
    if (seen) session.firstFrame();
    if (session.first) this.turn("play_ms");
  }

  waiting() {
    const { session, element, state } = this;
    if (!session.first || session.over || element.paused || element.seeking || state === "stall_ms") return;
    this.turn("stall_ms");
    this.stalls++;
  }

  pause() {
    this.frames.cut(true);
    this.turn("idle");
  }

  /** A seek within a stall is the player's way out of it: the viewer still waits. */
  seeking() {
    if (this.state !== "stall_ms") this.pause();
  }

  timeupdate() {
    const { session, element, state } = this;
    const plays = !element.paused && !element.seeking && element.readyState > 2;
    if (plays && state === "idle" && session.first && !session.over) this.turn("play_ms");
  }

  ended() {
    this.pause();
    this.session.end();
  }

  error() {
    this.session.fail(`MEDIA_ERR_${this.element.error?.code}`);
  }

  counts() {
    const { totalVideoFrames = NaN, droppedVideoFrames } = this.element.getVideoPlaybackQuality?.() ?? {};
    return [totalVideoFrames, droppedVideoFrames];
  }

  report(body) {
    this.turn(this.state);
    const { element, frames, play_ms, stall_ms, stalls, seen } = this;
    const { buffered, currentTime, videoWidth: width, videoHeight: height } = element;
    const before = this.quality;
    this.quality = this.counts();
    const [total, dropped] = this.quality.map((count, i) => count - (this.quality[0] < before[0] ? 0 : before[i]));
    Object.assign(body, { play_ms: round(play_ms), stall_ms: round(stall_ms), stall_count: stalls, width, height });
    Object.assign(body, { frames: total, frames_dropped: dropped });
    if (frames.works && width) body.video_ms = round(seen);
    frames.report(body);
    // Decoders rest in a hidden tab: a rate is known only where the picture could be seen all the time.
    if (seen > 1000 && seen > play_ms + stall_ms - 50) body.fps = ((total - dropped) * 1000) / seen;
    body.buffer_ms = 0;
    for (let i = 0; i < buffered.length; i++) {
      const ahead = buffered.end(i) - currentTime;
      if (ahead > 0 && buffered.start(i) < currentTime + 0.1) body.buffer_ms = round(ahead * 1000);
    }
    this.play_ms = this.stall_ms = this.stalls = this.seen = 0;
    return play_ms + stall_ms > 0;
  }
}

/** What a player knows beyond its element: `bitrate` in kbps, `delay` behind the live edge in s, `url`. */
class Player {
  constructor(session, protocol, reads) {
    Object.assign(this, { session, reads, bytes: 0, seconds: 0 });
    session.say({ protocol });
  }

  /** Media arrived: so many bytes, that play for so many seconds. */
  took(bytes, seconds) {
    this.session.step("first_packet");
    this.bytes += bytes || 0;
    this.seconds += seconds || 0;
  }

  report(body) {
    const { bytes, seconds, reads } = this;
    const read = (name) => safe(reads[name] ?? (() => 0))();
    const url = safe(() => new URL(read("url"), location))();
    if (/^http/.test(url?.protocol)) this.session.say({ domain: url.hostname });
    body.bitrate_kbps = read("bitrate") || (seconds && (bytes * 8) / 1000 / seconds) || undefined;
    body.delay_ms = round(read("delay") * 1000) || undefined;
    if (bytes) body.bytes = bytes;
    this.bytes = this.seconds = 0;
  }
}

/** An RTCPeerConnection: getStats once a second, its counters differenced. */
class Peer {
  constructor(session, pc, video) {
    Object.assign(this, { session, pc, video, before: {}, screens: {}, lost: 0, hole: 0, at: now() });
    this.clear();
    session.ask();
    session.say({ protocol: "webrtc" });
    session.listen(pc, "signalingstatechange iceconnectionstatechange connectionstatechange", () => this.follow());
    session.listen(pc, "track", ({ track }) => session.listen(track, "unmute", () => session.step("first_packet")));
    this.isLate = pc.connectionState === "connected"; // then its waits are unknown
    this.follow();
    const poll = async () => {
      await safe(() => this.poll())()?.catch(() => {});
      if (session.on) setTimeout(poll, session.first || now() - session.asked > 20000 ? 1000 : 100);
    };
    poll();
  }

  /** The steps of joining, and its end. */
  follow() {
    const { session, pc } = this;
    const step = (name) => session.step(name, this.isLate && { elapsed_ms: undefined });
    if (pc.signalingState === "stable" && pc.remoteDescription) step("signalling");
    if (/connected|completed/.test(pc.iceConnectionState)) step("ice");
    if (pc.connectionState === this.state) return;
    this.state = pc.connectionState;
    if (this.state === "connected" && !this.joined) {
      step("dtls");
      session.event("join_ok", this.isLate && { elapsed_ms: undefined });
      this.joined = true;
    }
    if (this.state === "failed") session.event(this.joined ? "error" : "join_failed", { code: "connection_failed" });
    if (this.state === "closed") session.leave();
  }

  clear() {
    this.sum = { bytes: 0, packets: 0, frames: 0, frames_dropped: 0, play_ms: 0, audio_ms: 0, video_ms: 0 };
    this.read = {};
    this.audioGaps = [];
    this.notes = {};
    this.held = this.out = 0;
  }

  /** What a statistics object's counters grew by; one that fell, or has a new name, is another object. */
  grown(stat) {
    const key = `${stat.id} ${stat.ssrc}`;
    const old = this.before[key];
    this.before[key] = stat;
    const isNew = !old || stat.bytesReceived < old.bytesReceived || stat.bytesSent < old.bytesSent;
    const from = isNew ? (this.polled ? {} : stat) : old;
    return (name) => (stat[name] ?? 0) - (from[name] ?? 0);
  }

  async poll() {
    const { pc, sum, session } = this;
    this.follow();
    const stats = await pc.getStats();
    const length = now() - this.at;
    this.at += length;
    const of = (type) => [...stats.values()].filter((stat) => stat.type === type);
    const inbound = of("inbound-rtp").map((stat) => [stat, this.grown(stat)]);
    const outbound = of("outbound-rtp").map((stat) => [stat, this.grown(stat)]);
    const count = (list, name) => list.reduce((total, [, grown]) => total + grown(name), 0);
    const arrived = count(inbound, "packetsReceived");
    if (arrived || (!inbound.length && count(outbound, "packetsSent"))) sum.play_ms += length;
    for (const [stat, grown] of inbound) this.receive(stat, grown, length, arrived);
    for (const [{ kind, qualityLimitationReason: why = "none", ...stat }, grown] of outbound) {
      if (why !== "none") this.notes[`limited by ${why}`] = 1;
      if (!inbound.length) sum.bytes += grown("bytesSent");
      if (!inbound.length && kind === "video") this.size(stat, grown("framesSent"), 0);
    }
    const pairs = of("candidate-pair");
    const chosen = of("transport").map((transport) => stats.get(transport.selectedCandidatePairId)).find(Boolean);
    const pair = chosen ?? pairs.find(({ nominated, state }) => nominated && state === "succeeded");
    const rtt = pair?.currentRoundTripTime ?? of("remote-inbound-rtp")[0]?.roundTripTime;
    if (rtt >= 0) this.read.rtt_ms = rtt * 1000;
    const { candidateType, protocol } = stats.get(pair?.localCandidateId) ?? {};
    if (candidateType) this.notes[`${candidateType} ${protocol}`] = 1;
    this.polled = true;
  }

  receive(stat, grown, length, arrived) {
    const { sum, read, session, screens } = this;
    const { kind, jitter, trackIdentifier: id } = stat;
    const packets = grown("packetsReceived");
    sum.bytes += grown("bytesReceived");
    sum.packets += packets;
    this.lost += grown("packetsLost");
    if (jitter >= 0) read.jitter_ms = Math.max(read.jitter_ms ?? 0, jitter * 1000);
    this.held += grown("jitterBufferDelay");
    this.out += grown("jitterBufferEmittedCount");
    // Nothing of this track while others arrive: its sender rests on purpose.
    const rests = !packets && arrived > 0;
    if (packets) session.step("first_packet", !this.polled && { elapsed_ms: undefined });
    if (kind === "audio" && !rests && packets < stat.packetsReceived) this.hear(grown, length);
    if (kind !== "video") return;
    this.size(stat, grown("framesDecoded"), grown("framesDropped"));
    if (stat.framesDecoded) session.firstFrame(!this.polled && { elapsed_ms: undefined });
    const screen = (screens[id] ??= this.find(id));
    if (!screen) return;
    if (rests) screen.frames.cut();
    else if (screen.frames.works && screen.runs()) sum.video_ms += length;
  }

  size({ frameWidth: width, frameHeight: height, framesPerSecond: fps }, frames, dropped) {
    this.sum.frames += frames;
    this.sum.frames_dropped += dropped;
    if (width >= (this.read.width ?? 0)) Object.assign(this.read, { width, height, fps });
  }

  /** The element that shows a track: the gaps between its frames are what the viewer sees. */
  find(id) {
    const shows = (element) => element?.srcObject?.getTracks?.().some((track) => track.id === id);
    const element = [this.video, ...document.querySelectorAll("video")].find(shows);
    if (!element) return undefined;
    const runs = () => !element.paused && !document.hidden && shows(element);
    const frames = new Frames(this.session, element, runs);
    this.session.listen(element, "pause", () => frames.cut(true));
    return { runs, frames };
  }

  /** Sound made up for what was missing. Holes that one look cannot tell apart share its time evenly. */
  hear(grown, length) {
    const made = (grown("concealedSamples") / grown("totalSamplesReceived")) * length || 0;
    const holes = grown("concealmentEvents");
    this.sum.audio_ms += length;
    if (holes || !made) this.close();
    for (let i = 1; i < holes; i++) this.close(made / holes);
    this.hole += made / Math.max(1, holes);
  }

  close(hole = this.hole) {
    if (hole >= SMALLEST_GAP) this.audioGaps.push(round(hole));
    this.hole = 0;
  }

  report(body) {
    const { sum, read, notes, audioGaps, held, out, screens, lost } = this;
    for (const screen of Object.values(screens)) screen?.frames.report(body);
    const detail = [body.detail, ...Object.keys(notes)].filter(Boolean).join("; ");
    for (const name of Object.keys(sum)) sum[name] = round(sum[name]) || undefined;
    Object.assign(body, sum, read, { detail });
    if (sum.bytes) body.bitrate_kbps = (sum.bytes * 8) / body.interval_ms;
    if (out) body.buffer_ms = (held * 1000) / out;
    if (sum.packets) Object.assign(body, { packets: sum.packets + round(lost), packets_lost: round(lost) });
    if (audioGaps.length) body.audio_gaps = audioGaps.slice(0, 1000);
    this.lost = Math.min(0, lost); // packets that came late take losses back
    this.clear();
    return this.joined;
  }
}

/**
 * @param {object} options
 * @param {string} options.url where the collector is
 * @param {string} options.key the app's ingest key
 * @param {string} [options.stream] what is watched; `call`, `user`, `role`, `scenario`, `app_version` may stand beside
 * @param {Object<string, string>} [options.facts] other facts of the session, e.g. `cdn` or `province`
 * @param {number} [options.sample] the share of sessions that report, 0 to 1
 * @param {number} [options.interval] seconds between reports
 */
function aftercare(options) {
  const { interval = 5, ...given } = options ?? {};
  const outbox = new Outbox(given);
  let sessions = [];
  let session;
  let timer;

  const report = safe(() => {
    sessions = sessions.filter(({ left }) => !left);
    for (const each of sessions) each.report();
    outbox.flush();
    if (!sessions.length) timer = clearInterval(timer);
  });
  /** The session that things are told of: the newest; one that begins where it has its player, or was left. */
  const current = (isNew) => {
    if (!session || session.left || (isNew && session.used)) sessions.push((session = new Session(given, outbox)));
    timer ??= setInterval(report, Math.max(1, interval) * 1000);
    return session;
  };
  const handle = (of) => ({
    id: safe(() => of().id),
    asked: safe(() => of().ask()),
    step: safe((name, elapsed_ms) => of().step(name, known({ elapsed_ms }))),
    event: safe((name, fields) => of().event(name, fields)),
    error: safe((code, detail) => of().event("error", { code, detail })),
    facts: safe((facts) => of().say(facts)),
    leave: safe(() => of().leave()),
  });
  /** `more` may name the `video` element and facts of this session. */
  const attach = (parts) => (target, more) => {
    const one = current(true);
    one.used = true;
    one.say(factsOf(more ?? {}));
    if (one.on) safe(() => one.parts.push(...parts(one, target, more?.video)))();
    return handle(() => one);
  };
  const page = (target, name, work) => target?.addEventListener(name, safe(work));

  page(window, "online", () => outbox.online());
  page(document, "visibilitychange", () => document.hidden && report());
  page(navigator.connection, "change", () => sessions.forEach((each) => each.say({ network: surroundings().network })));
  page(window, "pagehide", () => {
    for (const each of sessions) each.end();
    outbox.leave();
  });
  page(window, "pageshow", ({ persisted }) => {
    for (const each of persisted ? sessions : []) {
      const { first } = each;
      each.begin();
      each.first = first;
    }
  });

  return {
    ...handle(current),
    leave: safe(() => sessions.forEach((each) => each.leave())),
    video: attach((one, video) => [new Video(one, video)]),
    hls: attach((one, hls) => {
      const player = new Player(one, "hls", {
        bitrate: () => hls.levels[hls.currentLevel].bitrate / 1000,
        delay: () => hls.latestLevelDetails.live && hls.latency,
        url: () => hls.url,
      });
      const watch = (video) => video && !one.plays && one.parts.push(new Video(one, video));
      watch(hls.media);
      one.listen(hls, "hlsMediaAttached", (_, { media }) => watch(media));
      one.listen(hls, "hlsFragLoaded", (_, { frag }) => player.took(frag.stats.loaded, frag.duration));
      one.listen(hls, "hlsError", (_, { fatal, details }) => fatal && one.fail(details));
      one.listen(hls, "hlsDestroying", () => one.leave());
      return [player];
    }),
    mpegts: attach((one, mpegts, video) => {
      const player = new Player(one, "flv", {
        bitrate: () => mpegts.mediaInfo.videoDataRate + mpegts.mediaInfo.audioDataRate,
        url: () => mpegts.statisticsInfo.url,
      });
      one.listen(mpegts, "media_info", () => player.took());
      one.listen(mpegts, "error", (_, detail) => one.fail(detail));
      return [new Video(one, video), player];
    }),
    dash: attach((one, dash, video = dash.getVideoElement()) => {
      const player = new Player(one, "dash", {
        bitrate: () => dash.getCurrentRepresentationForType("video").bandwidth / 1000,
        delay: () => dash.getCurrentLiveLatency(),
        url: () => dash.getSource(),
      });
      one.listen(dash, "fragmentLoadingCompleted", ({ request }) => player.took(request.bytesLoaded));
      one.listen(dash, "error", ({ error }) => one.fail(error.code));
      return [new Video(one, video), player];
    }),
    shaka: attach((one, shaka, video = shaka.getMediaElement()) => {
      const player = new Player(one, shaka.getManifestType()?.toLowerCase(), {
        bitrate: () => shaka.getStats().streamBandwidth / 1000,
        delay: () => shaka.isLive() && shaka.getStats().liveLatency,
        url: () => shaka.getAssetUri(),
      });
      one.listen(shaka, "error", ({ detail }) => detail.severity > 1 && one.fail(detail.code));
      return [new Video(one, video), player];
    }),
    peer: attach((one, pc, video) => [new Peer(one, pc, video)]),
  };
}

window.aftercare = aftercare;
})();
