// Relative times and running clocks keep pace with the wall; one timer for all of them.
(() => {
  const { say } = window.aftercare;
  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function relative(ahead) {
    const span = Math.abs(ahead);
    if (span < 5) return ahead <= 0 ? say("now") : say("soon");
    const way = ahead > 0 ? "in" : "ago";
    if (span < MINUTE) return say(`${way}_s`, Math.floor(span));
    if (span < HOUR) return say(`${way}_min`, Math.floor(span / MINUTE));
    if (span < 2 * DAY) return say(`${way}_h`, Math.floor(span / HOUR));
    return say(`${way}_d`, Math.floor(span / DAY));
  }

  function duration(seconds) {
    const whole = Math.floor(Math.abs(seconds));
    for (const [size, unit, rest, restUnit, width] of [[DAY, "d", HOUR, "h", 1], [HOUR, "h", MINUTE, "min", 2], [MINUTE, "min", 1, "s", 2]]) {
      if (whole < size) continue;
      const left = Math.floor((whole % size) / rest);
      return say(unit, Math.floor(whole / size)) + ` ${say(restUnit, String(left).padStart(width, "0"))}`;
    }
    return say("s", whole);
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-when]")) {
      const part = time.querySelector("[data-relative]");
      if (part) put(part, relative((Date.parse(time.dateTime) - now) / 1000));
    }
    for (const clock of document.querySelectorAll("time[data-clock]")) {
      const left = (Date.parse(clock.dateTime) - now) / 1000;
      if (clock.dataset.clock === "up") {
        put(clock, duration(Math.max(0, -left)));
        continue;
      }
      put(clock, say(left > 0 ? "left" : "overdue", duration(left)));
      const loud = left <= 0 ? "over" : left <= +clock.dataset.last ? "last" : left <= +clock.dataset.near ? "near" : "calm";
      clock.className = `clock clock-${loud}`;
    }
  }

  window.aftercare.duration = duration;
  setInterval(() => document.hidden || tick(), 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  document.addEventListener("htmx:load", tick);
})();
