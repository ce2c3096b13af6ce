// Live updates: one event stream per browser, shared by its tabs, handed on as DOM events `aftercare:<kind>`.
(() => {
  const url = document.documentElement.dataset.events;
  if (!url || !window.EventSource) return;
  const channel = window.BroadcastChannel ? new BroadcastChannel("aftercare-events") : null;

  // A stream that was cut off says its last few seconds again.
  const seen = new Set();
  function isNew(event) {
    if (!event.ref) return true;
    if (seen.has(event.ref)) return false;
    seen.add(event.ref);
    if (seen.size > 500) seen.delete(seen.values().next().value);
    return true;
  }

  function hand(on) {
    if (!isNew(on)) return;
    document.dispatchEvent(new CustomEvent(`aftercare:${on.kind}`, { detail: on }));
    // Whoever looks at the thing itself sees it there.
    if (!on.title || on.url === location.pathname) return;
    const isUrgent = on.urgency === "urgent";
    window.aftercare.toast({
      tone: on.tone || (isUrgent ? "breached" : "neutral"), title: on.title, text: on.body, url: on.url, sticky: isUrgent,
    });
  }

  function listen() {
    const stream = new EventSource(url);
    const state = (name) => { document.documentElement.dataset.live = name; };
    stream.onopen = () => state("on");
    stream.onerror = () => state("off");
    stream.onmessage = (message) => {
      let event;
      try { event = JSON.parse(message.data); } catch { return; }
      if (!event || !event.kind) return;
      hand(event);
      if (channel) channel.postMessage(event);
    };
    window.addEventListener("pagehide", () => stream.close(), { once: true });
  }

  if (channel) channel.onmessage = (message) => hand(message.data);
  // HTTP/1.1 gives a browser six connections to a host: only the tab that holds the lock keeps one open for events.
  if (channel && navigator.locks) navigator.locks.request("aftercare-events", () => new Promise(listen));
  else listen();
})();
