// A strict double of `wx`, with its clock in the test's hands: plays the steps of stdin, prints the requests made.
const [, , reporter] = process.argv;
const steps = JSON.parse(require("fs").readFileSync(0, "utf8"));
const asked = [];
const timers = new Map();
let clock = Date.now();
let answer = [200, {}];
let last = 0;
let hidden, changed;

Date.now = () => clock;
const later = (every) => (work, ms) => timers.set(++last, { at: clock + ms, work, every: every && ms }) && last;
globalThis.setTimeout = later(false);
globalThis.setInterval = later(true);
globalThis.clearInterval = globalThis.clearTimeout = (id) => void timers.delete(id);
function wait(ms) {
  const until = clock + ms;
  for (;;) {
    const [next] = [...timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at);
    if (!next) break;
    const [id, timer] = next;
    clock = Math.max(clock, timer.at);
    if (timer.every) timer.at += timer.every;
    else timers.delete(id);
    timer.work();
  }
  clock = until;
}

const api = {
  getDeviceInfo: () => ({ platform: "android", system: "Android 14", model: "SM-G998", brand: "samsung" }),
  getNetworkType: ({ success }) => success({ networkType: "wifi" }),
  onNetworkStatusChange: (work) => void (changed = work),
  onAppHide: (work) => void (hidden = work),
  request(options) {
    const names = Object.keys(options).sort().join();
    if (names !== "data,fail,header,method,success,url") throw new Error(`wx.request got ${names}`);
    if (options.method !== "POST" || typeof options.data !== "string") throw new Error("wx.request wants text to POST");
    asked.push({ at: clock, url: options.url, header: options.header, data: options.data, status: answer[0] });
    const [statusCode, header] = answer;
    if (statusCode) options.success({ statusCode, header, data: "" });
    else options.fail({ errMsg: "request:fail" });
  },
};
globalThis.wx = new Proxy(api, {
  get(target, name) {
    if (!(name in target)) throw new Error(`wx.${String(name)} is not what a mini-program has`);
    return target[name];
  },
});

const { aftercare } = require(reporter);
let one, made, shown;
globalThis.Page = (page) => void (shown = page);
const does = {
  make: (options) => void (made = aftercare(options)),
  player: () => void (one = made.player()),
  pusher: () => void (one = made.pusher()),
  state: (code) => one.onState({ detail: { code } }),
  net: (info) => one.onNet({ detail: { info } }),
  call: (name, ...given) => one[name](...given),
  answer: (...given) => void (answer = given),
  network: (networkType) => changed({ networkType }),
  hide: () => hidden(),
  page: (script) => require(script),
  on: (name, detail) => shown[name]({ detail }),
  wait,
};
for (const [step, ...given] of steps) does[step](...given);
process.stdout.write(JSON.stringify({ asked, timers: timers.size }));
