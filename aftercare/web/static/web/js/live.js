// Live updates: one event stream per browser, shared by its tabs, handed on as DOM events `aftercare:<kind>`.
(() => {
  const url = document.documentElement.dataset.events;
  if (!url || !window.EventSource) return;
  const channel = window.BroadcastChannel ? new BroadcastChannel("aftercare-events") : null;

  function hand(on) {
    document.dispatchEvent(new CustomEvent(`aftercare:${on.kind}`, { detail: on }));
    if (!on.title) return;
    const isUrgent = on.urgency === "urgent";
    window.aftercare.toast({
      tone: on.tone || (isUrgent ? "breached" : "neutral"), title: on.title, text: on.body || on.text, url: on.url || on.url_path, sticky: isUrgent,
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
