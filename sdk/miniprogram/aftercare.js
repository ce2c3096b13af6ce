/**
 * Aftercare's reporter for WeChat mini-programs: what `live-player` and `live-pusher` say of themselves, as samples.
 * docs/sdk.md tells how to bind it. What is unknown is left out, never told as 0. Licence: Apache-2.0.
 */
const { Outbox } = require("./outbox.js");
const { Player, Pusher, known } = require("./session.js");

const VERSION = "1.0.0";
const DEVICES = { ios: "phone", android: "phone", ohos: "phone", windows: "desktop", mac: "desktop" };

/** The same function, whose failures stay in here. */
const safe =
  (work) =>
  (...given) => {
    try {
      return work(...given);
    } catch (error) {
      return undefined;
    }
  };

/** Device and system, coarse on purpose: no model. */
const surroundings = safe(() => {
  const { platform, system } = (wx.getDeviceInfo || wx.getSystemInfoSync)();
  const [os] = /^\D+\d*/.exec(system) || [];
  return known({ device: DEVICES[platform], os, sdk: "wechat miniprogram", sdk_version: VERSION });
});

/**
 * @param {{url: string, key: string, stream?: string, call?: string, user?: string, role?: string, scenario?: string,
 *   app_version?: string, facts?: Object<string, string>, sample?: number, interval?: number}} options
 */
function aftercare(options) {
  const given = options || {};
  const outbox = new Outbox(given);
  let sessions = [];
  let timer;

  const report = safe(() => {
    sessions = sessions.filter(({ over }) => !over);
    for (const session of sessions) session.report();
    outbox.flush();
    if (!sessions.length) timer = clearInterval(timer);
  });
  const connected = safe(({ networkType }) => {
    if (/unknown|none/.test(networkType)) return;
    for (const session of sessions) session.say({ network: networkType });
  });
  safe(() => wx.onNetworkStatusChange(connected))();
  safe(() => wx.onAppHide(report))();

  /** One component begins; bind what this returns to it. */
  const begin = (Kind) => () => {
    const session = new Kind(given, surroundings(), outbox);
    const flushed = (work) =>
      safe((event) => {
        work(event);
        outbox.flush();
      });
    sessions.push(session);
    safe(() => wx.getNetworkType({ success: connected }))();
    timer = timer || setInterval(report, (given.interval >= 1 ? given.interval : 5) * 1000);
    return {
      id: session.id,
      onState: flushed(({ detail }) => session.hear(detail.code)),
      onNet: safe(({ detail }) => session.measure(detail.info)),
      event: safe((name, fields) => session.event(name, fields)),
      error: safe((code, detail) => session.event("error", { code: String(code), detail })),
      facts: safe((facts) => session.say(facts)),
      leave: flushed(() => session.end()),
    };
  };
  return { player: begin(Player), pusher: begin(Pusher) };
}

module.exports = { aftercare, VERSION };
