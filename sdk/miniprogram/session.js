/** What one `live-player` or `live-pusher` tells of itself, as samples. */
const codes = require("./codes.js");
const { newId } = require("./outbox.js");

const FACTS = ["stream", "call", "user", "role", "scenario", "app_version"];
const ASLEEP_MS = 120000; // a report later than this slept: what happened meanwhile is unknown

/** An object without what is unknown. */
function known(fields) {
  const kept = {};
  for (const name of Object.keys(fields)) if (fields[name] || fields[name] === 0) kept[name] = fields[name];
  return kept;
}

class Session {
  constructor(options, facts, outbox) {
    const given = {};
    for (const name of FACTS) given[name] = options[name] && String(options[name]).slice(0, 128);
    this.outbox = outbox;
    this.on = Math.random() < (options.sample === undefined ? 1 : options.sample);
    this.id = newId();
    this.facts = known(Object.assign({}, facts, given, options.facts));
    this.asked = this.mark = this.since = Date.now();
    this.state = "idle";
    this.spent = { playing: 0, stalled: 0, live: 0 };
    this.stalls = 0;
    this.read = {};
    this.notes = [];
  }

  tell(fields) {
    if (!this.on || this.over) return;
    this.outbox.add(Object.assign({ session: this.id, ts: Date.now(), facts: this.facts }, known(fields)));
  }

  say(facts) {
    this.facts = Object.assign({}, this.facts, known(facts || {}));
  }

  /** An event; a wait counts from when the component was started. */
  event(event, fields) {
    const elapsed_ms = codes.WAITED[event] ? Math.max(1, Date.now() - this.asked) : undefined;
    this.tell(Object.assign({ event, elapsed_ms }, known(fields || {})));
  }

  /** The time until now belongs to the state that held. */
  turn(state) {
    if (this.state !== "idle") this.spent[this.state] += Date.now() - this.since;
    this.since = Date.now();
    this.state = state;
  }

  /** A code of bindstatechange. */
  hear(code) {
    const meaning = this.table[code];
    if (!meaning || this.over) return;
    if (meaning.step) this.event("step", { code: meaning.step });
    if (meaning.note) this.notes.push(`${code} ${meaning.note}`);
    if (meaning.error) this.event("error", { code: String(code) });
    if (meaning.does) this[meaning.does](String(code));
  }

  /** The mini-program was put aside: what follows is not seen until the component begins again. */
  rests() {
    this.report();
    this.turn("idle");
  }

  /** The readings of bindnetstatus; its bitrates are in kbps. */
  measure({ videoBitrate, audioBitrate, videoFPS: fps, videoWidth: width, videoHeight: height }) {
    this.read = known({ bitrate_kbps: (videoBitrate || 0) + (audioBitrate || 0) || undefined, fps, width, height });
  }

  report() {
    this.turn(this.state);
    const { spent, stalls, read } = this;
    const interval_ms = Date.now() - this.mark;
    const happened = spent.playing + spent.stalled + spent.live > 0 && interval_ms <= ASLEEP_MS;
    const detail = this.notes.splice(0).join("; ").slice(0, 500);
    this.mark = Date.now();
    this.spent = { playing: 0, stalled: 0, live: 0 };
    this.stalls = 0;
    if (happened) this.tell(Object.assign({ interval_ms, detail }, this.totals(spent, stalls), read));
  }

  /** The session ends, for the reason that `last` tells. */
  end() {
    if (this.over) return;
    this.report();
    this.last();
    this.event("leave");
    this.over = true;
  }
}

class Player extends Session {
  get table() {
    return codes.PLAYER;
  }

  totals({ playing, stalled }, stall_count) {
    return { play_ms: playing, stall_ms: stalled, stall_count };
  }

  /** Playing begins, or goes on after it had to load. */
  begins() {
    if (!this.first) this.event("first_frame");
    this.first = true;
    if (this.state !== "playing") this.turn("playing");
  }

  loads() {
    if (this.state !== "playing") return;
    this.turn("stalled");
    this.stalls += 1;
  }

  /** The component gave up. */
  breaks(code) {
    this.event(this.first ? "error" : "start_failed", { code });
    this.broken = true;
    this.end();
  }

  last() {
    if (!this.first && !this.broken) this.event("start_left");
  }
}

class Pusher extends Session {
  get table() {
    return codes.PUSHER;
  }

  totals() {
    return {};
  }

  begins() {
    if (!this.first) this.event("push_ok");
    this.first = true;
    this.turn("live");
  }

  breaks(code) {
    this.event(this.first ? "push_broken" : "push_failed", { code });
    this.broken = true;
    this.end();
  }

  last() {
    if (this.first && !this.broken) this.event("push_ended");
  }
}

module.exports = { Player, Pusher, known };
