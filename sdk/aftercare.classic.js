(function () {
"use strict";
/** Aftercare's browser SDK: docs/sdk.md. What is unknown is left out. Apache-2.0. */
const VERSION = "1.0.0";

const BATCH_BYTES = 30000;
const MOST_LINES = 600;
const ASLEEP_MS = 120000; // a later report slept
const SMALLEST_GAP = 200; // the cut-offs in use lie between
const LARGEST_GAP = 600;
const LOOK_MS = 80;
const TIMED = /^(join_ok|first_frame|start_left|step|call_(?!failed))/;

const now = () => performance.now();
const added = (count, before) => count - (count < before ? 0 : before);
const round = (number) => Math.max(0, Math.round(number));
const newId = () => [Date.now(), Math.random(), Math.random()].map((n) => n.toString(36).slice(-10)).join("");

/** Failures stay in here. */
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

const known = (fields, as = (value) => value) =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, it]) => (it || it === 0 ? [[name, as(it)]] : [])));
const text = (value) => String(value).slice(0, 128);
const factsOf = ({ stream, call, user, role, scenario, app_version, facts }) =>
  known({ stream, call, user, role, scenario, app_version, ...facts }, text);

function surroundings() {
  const agent = navigator.userAgent;
  const systems = /(iPhone|iPad|Android|Windows|Mac OS X|Linux(?!; A))(?:; CPU.*? OS| NT)? (\d*)/;
  const [, name = "", version = ""] = systems.exec(agent) ?? [];
  const os = { iPhone: "iOS", iPad: "iPadOS", "Mac OS X": "macOS" }[name] ?? name;
  const device = name && ({ iPhone: "phone", Android: "phone", iPad: "tablet" }[name] ?? "desktop");
  const browser = ["Edg", "Firefox", "Chrome", "Safari"].find((each) => agent.includes(each)) ?? "";
  const { type, effectiveType } = navigator.connection ?? {};
  const network = /wifi|cellular|ethernet/.test(type) ? type : effectiveType && `${effectiveType}-class`;
  return known({ os: `${os} ${version}`.trim(), device, network, sdk: `web ${browser}`.trim(), sdk_version: VERSION });
}

/** Lines in batches; each keeps its name until it is answered. */
class Outbox {
  constructor({ url, key }) {
    this.address = `${url}/v1/samples/${key}?batch=`.replace(/\/+v1/, "/v1");
    this.lines = [];
    this.dropped = this.failures = this.resumes = 0;
    this.stopped = !url || !key;
  }

  /** When full, the oldest interval report goes. */
  add(line) {
    if (this.stopped) return;
    this.lines.push(line);
    if (this.lines.length <= MOST_LINES) return;
    this.lines.splice(Math.max(0, this.lines.findIndex(({ event }) => !event)), 1);
    this.dropped++;
  }

  /** Each tells all facts anew: a lost one takes nothing along. */
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

  /** As text/plain: no preflight. */
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

  online() {
    if (this.offline) this.resumes = 0;
    this.flush();
  }

  leave() {
    for (let batches = this.busy ? 1 : 2; batches-- && !this.stopped; this.batch = null) {
      if (this.busy) this.batch = null;
      if (this.next()) this.post(this.batch).catch(() => {});
    }
  }
}

class Session {
  constructor({ sample = 1, ...options }, outbox) {
    this.outbox = outbox;
    this.on = Math.random() < sample;
    this.facts = factsOf(options);
    this.parts = [];
    this.undo = [];
    this.begin();
  }

  begin() {
    this.id = newId();
    this.mark = now();
    for (const part of this.parts) part.report({});
    this.first = this.asked = this.over = this.blind = this.told = false;
    this.steps = {};
    this.say(surroundings());
  }

  say(facts) {
    const more = known(facts, text);
    if (Object.keys(more).some((name) => this.facts[name] !== more[name])) this.facts = { ...this.facts, ...more };
  }

  tell(fields) {
    if (!this.on || this.over) return;
    this.told = true;
    this.outbox.add({ session: this.id, ts: Date.now(), facts: this.facts, ...known(fields) });
  }

  ask() {
    this.asked ||= now();
  }

  /** Its wait counts from what was asked, unless given. */
  event(event, { code = "", ...fields } = {}) {
    const elapsed_ms = TIMED.test(event) && this.asked && !this.blind && Math.max(1, round(now() - this.asked));
    this.tell({ event, code: text(code), elapsed_ms, ...known(fields) });
    setTimeout(() => this.outbox.flush(), 200);
  }

  step(code, fields) {
    if (!this.steps[code]) this.event("step", { code, ...fields });
    this.steps[code] = true;
  }

  firstFrame() {
    if (!this.first) this.event("first_frame");
    this.first = true;
  }

  fail(code) {
    this.event(this.first ? "error" : "start_failed", { code });
    if (this.first) return;
    this.asked = false;
    this.end();
  }

  report() {
    const length = now() - this.mark;
    const body = { interval_ms: round(length) };
    this.mark = now();
    this.say(surroundings());
    const happened = this.parts.map((part) => part.report(body, length)).some(Boolean);
    if (happened && length < ASLEEP_MS) this.tell(body);
  }

  end() {
    if (!this.over) this.report();
    if (this.plays && this.asked && !this.first) this.event("start_left");
    if (this.told) this.event("leave");
    this.over = true;
  }

  leave() {
    this.end();
    this.on = false;
    this.left = true;
    for (const undo of this.undo.splice(0)) safe(undo)();
  }

  listen(target, names, work) {
    const heard = safe(work);
    const [add, remove] = target.addEventListener ? ["addEventListener", "removeEventListener"] : ["on", "off"];
    for (const name of names.split(" ")) {
      target[add](name, heard);
      this.undo.push(() => target[remove](name, heard));
    }
  }
}

/** The gaps between frames. Asking for each is costly: it is done where a look finds none new. */
class Frames {
  constructor(session, element, runs, seen) {
    Object.assign(this, { session, element, runs, seen, gaps: [], last: 0, total: 0, usual: 40, looks: 0, since: now() });
    this.works = !!element.requestVideoFrameCallback;
    if (!this.works) return;
    const timer = setInterval(safe(() => this.look()), LOOK_MS);
    session.undo.push(() => clearInterval(timer));
    session.listen(document, "visibilitychange", () => this.cut(document.hidden));
    this.ask();
  }

  look() {
    const { totalVideoFrames: total } = this.element.getVideoPlaybackQuality();
    const length = now() - this.since;
    this.looked = now();
    if (total !== this.total) {
      this.looks = Math.min(20, this.looks + 1);
      this.usual += (Math.min(250, length / Math.max(1, total - this.total)) - this.usual) / this.looks;
      this.total = total;
      this.since = now();
      if (!this.asked) this.last = this.from = this.runs() ? now() - LOOK_MS / 2 : 0;
    } else if (!this.asked && length > 1.5 * this.usual) this.ask();
  }

  ask() {
    this.asked ||= now();
    this.element.requestVideoFrameCallback(safe((stamp, meta) => this.frame(meta.presentationTime ?? stamp)));
  }

  frame(at) {
    this.seen?.();
    // The first that is asked for may have come in time; a busy page cannot tell.
    const came = (!this.exact && at - this.asked < 2 * this.usual) || now() - this.looked > 4 * LOOK_MS;
    if (this.last && this.runs() && !came && at - this.last >= SMALLEST_GAP) this.add(at);
    this.last = this.from = this.runs() ? at : 0;
    this.exact = now() - this.since > 1.5 * this.usual;
    if (!this.exact) this.asked = 0;
    else if (this.session.on) this.ask();
  }

  /** Slow pictures have no gaps. */
  add(end) {
    if (this.usual < SMALLEST_GAP) this.gaps.push(round(end - this.from));
    this.from = end;
  }

  cut(counts) {
    if (counts && this.last && now() - this.last >= SMALLEST_GAP) this.add(now());
    this.last = 0;
  }

  /** The newest part of an open gap waits, long enough to count by itself. */
  report(body) {
    const open = this.last && now() - this.last;
    if (open > 4 * LARGEST_GAP && now() - this.from > 2 * LARGEST_GAP) this.add(now() - LARGEST_GAP);
    if (open > LARGEST_GAP && this.usual < SMALLEST_GAP) body.detail = `frozen for ${round(open)} ms`;
    body.video_gaps = [...(body.video_gaps ?? []), ...this.gaps.splice(0)];
  }
}

class Video {
  constructor(session, element) {
    Object.assign(this, { session, element, state: "idle", since: now() });
    session.plays = true;
    this.frames = new Frames(session, element, () => this.shows, () => this.sees());
    const names = "play playing waiting pause seeking ended error timeupdate emptied";
    session.listen(element, names, ({ type }) => this[type]());
    session.listen(document, "visibilitychange", () => this.turn(this.state));
    this.report({});
    if (!element.paused && element.played.length) {
      session.firstFrame();
      this.turn("play_ms");
    } else if (!element.paused || element.autoplay) this.play();
  }

  /** The time until now belongs to the state that held. */
  turn(state) {
    const length = now() - this.since;
    this.since += length;
    if (this.state !== "idle") this[this.state] += length;
    if (this.shows) this.seen += length;
    this.state = state;
    this.shows = state !== "idle" && !document.hidden;
    const { session } = this;
    if (document.hidden && session.asked && !session.first) session.blind = true;
  }

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

  /** Where no frame is told of, playing is the first sign of one. */
  playing(seen = this.early || !this.frames.works || document.hidden || !this.element.videoWidth) {
    const { session } = this;
    if (session.over) session.begin();
    if (seen || !session.asked) session.firstFrame();
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

  /** In a stall the player seeks: the viewer still waits. */
  seeking() {
    if (this.state !== "stall_ms") this.pause();
  }

  timeupdate() {
    const { session, element, state } = this;
    const plays = !element.paused && !element.seeking && element.readyState > 2;
    if (plays && (session.over || (session.first && state === "idle"))) this.playing();
  }

  ended() {
    this.pause();
    this.session.end();
  }

  emptied() {
    this.pause();
  }

  error() {
    this.session.fail(`MEDIA_ERR_${this.element.error?.code}`);
  }

  report(body) {
    this.turn(this.state);
    const { element, frames, play_ms = 0, stall_ms = 0, stalls = 0, seen = 0 } = this;
    const { buffered, currentTime, videoWidth: width, videoHeight: height } = element;
    const { totalVideoFrames: total, droppedVideoFrames: dropped } = element.getVideoPlaybackQuality?.() ?? {};
    Object.assign(body, { play_ms: round(play_ms), stall_ms: round(stall_ms), stall_count: stalls, width, height });
    body.frames = added(total, this.total);
    body.frames_dropped = added(dropped, this.dropped);
    if (frames.works && width) body.video_ms = round(seen);
    frames.report(body);
    if (seen > 500 && seen > play_ms + stall_ms - 50) body.fps = ((body.frames - body.frames_dropped) * 1000) / seen;
    body.buffer_ms = 0;
    for (let i = buffered.length; i--; ) {
      const ahead = buffered.end(i) - currentTime;
      if (ahead > 0 && buffered.start(i) < currentTime + 0.1) body.buffer_ms = round(ahead * 1000);
    }
    Object.assign(this, { total, dropped, play_ms: 0, stall_ms: 0, stalls: 0, seen: 0 });
    return play_ms + stall_ms > 0;
  }
}

/** `reads`: `bitrate` in kbps, `delay` behind the live edge in s, `url`. */
class Player {
  constructor(session, protocol, reads) {
    Object.assign(this, { session, reads, bytes: 0, seconds: 0 });
    session.say({ protocol });
  }

  took(bytes, seconds) {
    this.locate();
    this.session.step("first_packet");
    this.bytes += bytes || 0;
    this.seconds += seconds || 0;
  }

  locate() {
    const [, domain] = /^https?:\/\/([^/:?#]+)/.exec(this.read("url")) ?? [];
    this.session.say({ domain });
  }

  read(name) {
    return safe(() => this.reads[name]())();
  }

  report(body) {
    const { bytes, seconds } = this;
    this.locate();
    body.bitrate_kbps = this.read("bitrate") || (bytes * 8) / 1000 / seconds || "";
    body.delay_ms = round(this.read("delay") * 1000) || "";
    body.bytes = bytes;
    this.bytes = this.seconds = 0;
  }
}

/** The counters of getStats, differenced each second. */
class Peer {
  constructor(session, pc, video) {
    Object.assign(this, { session, pc, video, before: {}, screens: {}, lost: 0, hole: 0, at: now() });
    this.clear();
    session.ask();
    session.say({ protocol: "webrtc" });
    session.listen(pc, "signalingstatechange iceconnectionstatechange connectionstatechange", () => this.follow());
    session.listen(pc, "track", ({ track }) => session.listen(track, "unmute", () => session.step("first_packet")));
    session.blind = pc.connectionState === "connected";
    this.follow();
    const poll = async () => {
      await safe(() => this.poll())()?.catch(() => {});
      if (session.on) setTimeout(poll, session.first || now() - session.asked > 20000 ? 1000 : 100);
    };
    poll();
  }

  follow() {
    const { session, pc } = this;
    if (pc.signalingState === "stable" && pc.remoteDescription) session.step("signalling");
    if (/^co.*ed$/.test(pc.iceConnectionState)) session.step("ice");
    if (pc.connectionState === this.state) return;
    this.state = pc.connectionState;
    if (this.state === "connected" && !this.joined) {
      session.step("dtls");
      session.event("join_ok");
      this.joined = true;
    }
    if (this.state === "failed") session.event(this.joined ? "error" : "join_failed", { code: "connection_failed" });
    if (this.state === "closed") session.leave();
  }

  clear() {
    const sum = { bytes: 0, packets: 0, frames: 0, frames_dropped: 0, play_ms: 0, audio_ms: 0, video_ms: 0 };
    Object.assign(this, { sum, read: {}, audioGaps: [], notes: {}, held: 0, out: 0 });
  }

  /** A counter that fell, or a new id, is another object. */
  grown(stat) {
    const key = `${stat.id} ${stat.ssrc}`;
    const old = this.before[key];
    this.before[key] = stat;
    const isNew = !old || stat.bytesReceived < old.bytesReceived || stat.bytesSent < old.bytesSent;
    const from = isNew ? (this.polled ? {} : stat) : old;
    return (name) => (stat[name] ?? 0) - (from[name] ?? 0);
  }

  async poll() {
    this.follow();
    const stats = await this.pc.getStats();
    const { sum } = this;
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
    const pair = stats.get(of("transport")[0]?.selectedCandidatePairId);
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
    // While others arrive, this sender rests on purpose.
    const rests = !packets && arrived > 0;
    if (packets) session.step("first_packet");
    if (kind === "audio" && !rests && packets < stat.packetsReceived) this.hear(grown, length);
    if (kind !== "video") return;
    this.size(stat, grown("framesDecoded"), grown("framesDropped"));
    if (stat.framesDecoded) session.firstFrame();
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

  find(id) {
    const shows = (element) => element?.srcObject?.getTracks?.().some((track) => track.id === id);
    const element = [this.video, ...document.querySelectorAll("video")].find(shows);
    if (!element) return undefined;
    const runs = () => !element.paused && !document.hidden && shows(element);
    const frames = new Frames(this.session, element, runs);
    this.session.listen(element, "pause", () => frames.cut(true));
    return { runs, frames };
  }

  /** The holes of one look share its concealed sound. */
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
    for (const name of Object.keys(sum)) sum[name] = round(sum[name]);
    Object.assign(body, sum, read, { detail });
    if (sum.bytes) body.bitrate_kbps = (sum.bytes * 8) / body.interval_ms;
    body.buffer_ms = (held * 1000) / out;
    body.packets_lost = round(lost);
    body.packets += body.packets_lost;
    body.audio_gaps = audioGaps;
    this.lost = Math.min(0, lost); // late packets take losses back
    this.clear();
    return this.joined;
  }
}

/**
 * @typedef {{stream?: string, call?: string, user?: string, role?: string, scenario?: string, app_version?: string,
 *   facts?: Object<string, string>}} Facts
 * @param {Facts & {url: string, key: string, sample?: number, interval?: number}} options `interval` in seconds
 */
function aftercare(options) {
  const { interval, ...given } = options ?? {};
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
  const current = (isNew) => {
    if (!session || session.left || (isNew && session.used)) sessions.push((session = new Session(given, outbox)));
    timer ??= setInterval(report, (interval >= 1 ? interval : 5) * 1000);
    return session;
  };
  const handle = (of) => ({
    id: safe(() => of().id),
    asked: safe(() => of().ask()),
    step: safe((name, elapsed_ms) => of().step(name, { elapsed_ms })),
    event: safe((name, fields) => of().event(name, fields)),
    error: safe((code, detail) => of().event("error", { code, detail })),
    fail: safe((code) => of().fail(code)),
    facts: safe((facts) => of().say(facts)),
    leave: safe(() => of().leave()),
  });
  /** @param {Facts & {video?: HTMLVideoElement}} more */
  const attach = (parts) => (target, more) => {
    const one = safe(current)(true);
    safe(() => {
      one.used = true;
      one.say(factsOf(more ?? {}));
      if (one.on) one.parts.push(...parts(one, target, more?.video));
    })();
    return handle(() => one);
  };
  const page = (target, name, work) => target?.addEventListener(name, safe(work));

  page(window, "online", () => outbox.online());
  page(document, "visibilitychange", () => document.hidden && report());
  page(window, "pagehide", () => {
    for (const each of sessions) each.end();
    outbox.leave();
  });

  return {
    ...handle(current),
    leave: safe(() => sessions.forEach((each) => each.leave())),
    video: attach((one, video) => [new Video(one, video), new Player(one, "", { url: () => video.currentSrc })]),
    hls: attach((one, hls) => {
      const player = new Player(one, "hls", {
        bitrate: () => hls.levels[hls.currentLevel].bitrate / 1000,
        delay: () => hls.latestLevelDetails.live && hls.latency,
        url: () => new URL(hls.url, location).href,
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
        bitrate: ({ videoDataRate, audioDataRate } = mpegts.mediaInfo) => videoDataRate && videoDataRate + audioDataRate,
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
    peer: attach((one, pc, video) => [new Peer(one, pc, video)]),
  };
}

window.aftercare = aftercare;
})();
