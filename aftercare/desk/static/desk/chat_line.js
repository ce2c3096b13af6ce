// The chat window's line to the server: a token, a stream that picks up where it broke, and words that go out in order
// until they are acknowledged. What waits to go out outlives the page.
window.chatLine = (() => {
  const body = document.body;
  const base = body.dataset.base;
  const language = body.dataset.language;
  const identity = new URLSearchParams(location.hash.slice(1)).get("identity") || "";
  history.replaceState(null, "", location.pathname + location.search);

  // Everybody on a shared computer has a drawer of their own: the signed by what their site calls them.
  const subject = (() => {
    try {
      const claims = identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      return new TextDecoder().decode(Uint8Array.from(atob(claims), (c) => c.charCodeAt(0)));
    } catch { return ""; }
  })();
  const drawer = (() => {
    let name = "anonymous";
    try { name = subject ? `user-${JSON.parse(subject).sub}` : name; } catch { /* The server will refuse it. */ }
    return `aftercare-chat ${base} ${name}`;
  })();
  let memory = {};
  const isFramed = window.parent !== window;
  const hasStorage = (() => { try { return Boolean(localStorage) && localStorage.getItem(drawer) !== undefined; } catch { return false; } })();
  function kept() {
    try { return (hasStorage && JSON.parse(localStorage.getItem(drawer))) || memory; } catch { return memory; }
  }
  function keep(changes) {
    memory = { ...kept(), ...changes };
    const text = JSON.stringify(memory);
    try { if (hasStorage) localStorage.setItem(drawer, text); } catch { /* It is full: the page's memory has it still. */ }
    // The page around us is one of the widget's own sites: only those may show us.
    if (!hasStorage && isFramed) window.parent.postMessage({ aftercareChat: "keep", drawer, text }, "*");
  }
  async function recall() {
    if (hasStorage || !isFramed) return;
    const told = await Promise.race([sleep(1000), new Promise((go) => {
      window.addEventListener("message", (event) => {
        if (event.source === window.parent && event.data?.aftercareChat === "recalled") go(event.data.text);
      });
      window.parent.postMessage({ aftercareChat: "recall", drawer }, "*");
    })]);
    try { memory = JSON.parse(told) || memory; } catch { /* Nothing was kept. */ }
  }

  const listeners = {};
  const on = (name, call) => { listeners[name] = call; };
  const say = (name, ...values) => listeners[name] && listeners[name](...values);
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const address = (path, query = "") => `${base}/${path}?lang=${language}${query}`;

  async function ask(path, options = {}, query = "") {
    const token = kept().token;
    const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    return fetch(address(path, query), { ...options, headers, credentials: "omit", cache: "no-store" });
  }

  // A token, made when it is first needed; two callers wait for the same one.
  let beginning = null;
  async function begin() {
    if (kept().token) return true;
    beginning ||= (async () => {
      const answer = await fetch(address("session"), {
        method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ identity }),
      });
      if (answer.status === 429 || answer.status >= 500) throw new Error("later");
      const told = await answer.json();
      if (answer.ok) keep({ token: told.token });
      else say("refused", told.refused);
      return answer.ok;
    })().finally(() => { beginning = null; });
    return beginning;
  }

  // Its token is over: the signed get a new one by their identity; the anonymous begin anew.
  async function renew() {
    keep({ token: "" });
    return begin();
  }

  let last = "";
  function take(message) {
    if (message.ref === last) return;
    last = message.ref;
    if (message.client_id) keep({ outbox: outbox().filter((waiting) => waiting.client_id !== message.client_id) });
    say("message", message);
  }

  // --- hearing ---
  let cut = null;
  let wait_ms = 500;
  async function listen() {
    for (;;) {
      if (!kept().token) { await new Promise((go) => { startListening = go; }); continue; }
      if (navigator.onLine === false) await new Promise((go) => window.addEventListener("online", go, { once: true }));
      try { await hear(); } catch { /* The line broke: again from the last word. */ }
      say("line", false);
      await Promise.race([sleep(wait_ms), new Promise((go) => window.addEventListener("online", go, { once: true }))]);
      wait_ms = Math.min(wait_ms * 2, 15000);
    }
  }
  let startListening = () => {};

  async function hear() {
    cut = new AbortController();
    const signal = cut.signal;
    let alive = Date.now();
    const watch = setInterval(() => { if (Date.now() - alive > 40000) cut.abort(); }, 5000);
    try {
      const answer = await ask("stream", { signal }, last ? `&after=${last}` : "");
      if (answer.status === 401) { await renew(); return; }
      if (answer.status === 503) { await poll(); return; }
      if (!answer.ok) return;
      say("line", true);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        alive = Date.now();
        wait_ms = 500;
        text += value;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const data = text.slice(0, end).split("\n").find((line) => line.startsWith("data: "));
          text = text.slice(end + 2);
          if (data) handle(JSON.parse(data.slice(6)));
        }
      }
    } finally { clearInterval(watch); }
  }

  function handle(event) {
    if (event.kind === "message") take(event.message);
    else say(event.kind, event);
  }

  async function poll() {
    const answer = await ask("messages", {}, last ? `&after=${last}` : "");
    if (!answer.ok) return;
    say("line", true);
    wait_ms = 2500;
    (await answer.json()).messages.forEach(take);
  }
  window.addEventListener("offline", () => { if (cut) cut.abort(); say("line", false); });

  // --- saying ---
  const outbox = () => kept().outbox || [];
  let isSending = false;
  async function send() {
    if (isSending) return;
    isSending = true;
    let pause = 500;
    try {
      while (outbox().length) {
        const next = outbox()[0];
        const outcome = await sendOne(next).catch(() => "again");
        if (outcome === "done") { pause = 500; continue; }
        say("waiting", next);
        await Promise.race([sleep(typeof outcome === "number" ? outcome : pause), new Promise((go) => window.addEventListener("online", go, { once: true }))]);
        pause = Math.min(pause * 2, 10000);
      }
    } finally { isSending = false; }
  }

  async function sendOne(next) {
    if (!(await begin())) { drop(next, ""); return "done"; }
    startListening();
    const answer = await ask("messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(next) });
    if (answer.ok) {
      drop(next);
      say("sent", await answer.json());
      return "done";
    }
    if (answer.status === 401) return (await renew()) ? "done" : "again";
    if (answer.status === 429) return 1000 * ((await answer.json()).retry_after_s || 1);
    if (answer.status >= 500) return "again";
    drop(next, (await answer.json()).refused);
    return "done";
  }
  function drop(message, why) {
    keep({ outbox: outbox().filter((waiting) => waiting.client_id !== message.client_id) });
    if (why !== undefined) say("failed", message, why);
  }

  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
  let typedAt = 0;
  let aboutToTell = 0;
  function post(text, files = []) {
    clearTimeout(aboutToTell);
    aboutToTell = typedAt = 0;
    const message = { client_id: newId(), body: text, files };
    keep({ outbox: [...outbox(), message] });
    send();
    return message;
  }

  async function upload(file) {
    if (!(await begin())) return null;
    startListening();
    const form = new FormData();
    form.append("file", file);
    const answer = await ask("files", { method: "POST", body: form });
    const told = await answer.json();
    if (!answer.ok) { say("refused", told.refused); return null; }
    return told;
  }

  async function fetchFile(ref) {
    const answer = await ask(`files/${ref}`);
    return answer.ok ? answer.blob() : null;
  }

  // Said once every few seconds, and not of words that go out at once.
  function typing() {
    if (!kept().token || aboutToTell || Date.now() - typedAt < 2500) return;
    aboutToTell = setTimeout(() => {
      aboutToTell = 0;
      typedAt = Date.now();
      ask("typing", { method: "POST" }).catch(() => {});
    }, 400);
  }
  function read(ref) {
    ask("reading", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ref }) }).catch(() => {});
  }
  async function tellAddress(email) {
    const answer = await ask("address", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email }) });
    if (!answer.ok) say("refused", (await answer.json()).refused);
    return answer.ok;
  }
  async function state() {
    const answer = await ask("state").catch(() => null);
    return answer && answer.ok ? answer.json() : null;
  }

  async function open() {
    await recall();
    if (identity && !kept().token) await begin().catch(() => {});
    outbox().forEach((message) => say("pending", message));
    listen();
    send();
  }
  return { on, open, post, upload, fetchFile, typing, read, tellAddress, state };
})();
