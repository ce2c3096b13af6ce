// Plays the live test stream with hls.js, which reports CMCD v2 events; measures stalls as the page sees them.
(() => {
  const place = document.querySelector("[data-try]");
  if (!place) return;
  const video = place.querySelector("video");
  const state = place.querySelector("[data-try-state]");
  const words = JSON.parse(state.dataset.words);
  const stalls = (window.tryStalls = []);
  let begun = null;

  const say = (name) => { state.textContent = words[name] || name; };
  const total = () => stalls.reduce((sum, stall) => sum + stall, begun === null ? 0 : performance.now() - begun);

  function stalled() {
    if (begun !== null || video.paused || !video.played.length) return;
    begun = performance.now();
    say("stalled");
  }

  function plays() {
    if (begun !== null) stalls.push(performance.now() - begun);
    begun = null;
    say("playing");
  }

  video.addEventListener("waiting", stalled);
  video.addEventListener("playing", plays);
  video.addEventListener("pause", () => say("paused"));
  setInterval(() => {
    const ms = total();
    place.querySelector("[data-try-stall]").hidden = !ms;
    place.querySelector("[data-try-ms]").textContent = (ms / 1000).toFixed(1);
  }, 100);

  async function throttle(kbps) {
    await fetch(place.dataset.throttle, { method: "POST", body: JSON.stringify({ kbps, seconds: 40 }) });
    place.querySelector("[data-try-slow]").disabled = kbps > 0;
    place.querySelector("[data-try-free]").disabled = kbps === 0;
    if (kbps > 0) setTimeout(() => throttle(0), 40000);
  }
  place.querySelector("[data-try-slow]").addEventListener("click", () => throttle(90));
  place.querySelector("[data-try-free]").addEventListener("click", () => throttle(0));

  if (!window.Hls || !Hls.isSupported()) return say("unsupported");
  const hls = new Hls({
    liveSyncDurationCount: 2,
    maxBufferLength: 6,
    fragLoadPolicy: { default: { maxTimeToFirstByteMs: 20000, maxLoadTimeMs: 60000, timeoutRetry: null, errorRetry: null } },
    cmcd: {
      version: 2,
      sessionId: place.dataset.session,
      contentId: "try-it",
      useHeaders: false,
      eventTargets: [{
        url: new URL(place.dataset.collector, location.href).href,
        events: ["ps", "e", "t", "bc", "rr"], interval: 5, batchSize: 1,
      }],
    },
  });
  hls.loadSource(place.dataset.stream);
  hls.attachMedia(video);
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch(() => say("paused")));
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) { say("error"); setTimeout(() => hls.startLoad(), 1000); } });
  window.addEventListener("pagehide", () => hls.destroy());
})();
