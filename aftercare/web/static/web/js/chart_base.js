// Values, times and colours as charts write them.
(() => {
  const { say, zone } = window.aftercare;
  const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const DAY = { month: "numeric", day: "numeric" };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text || "" });
  const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value);

  function number(value, digits) {
    return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  function written(value, data) {
    if (!isKnown(value)) return `— ${say("no_data")}`;
    const unit = data.unit || "";
    return number(value, data.digits ?? 1) + (unit && unit !== "%" ? ` ${unit}` : unit);
  }
  // A formatter is dear to make and a table asks for thousands of times.
  const formats = new Map();
  function instant(seconds, parts) {
    const name = Object.keys(parts).join();
    if (!formats.has(name)) {
      formats.set(name, new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hourCycle: "h23", ...parts }));
    }
    return formats.get(name).format(new Date(seconds * 1000));
  }
  function zoneName(seconds) {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(new Date(seconds * 1000));
    return (parts.find((part) => part.type === "timeZoneName")?.value || "UTC").replace("GMT", "UTC").replace("-", "−");
  }

  window.aftercare.chart = { CLOCK, DAY, token, make, isKnown, number, written, instant, zoneName };
})();
