// An agent's side of a chat: words of both sides appear at once, one's own go out in order until they are acknowledged,
// and never twice. What came since the thread was drawn stands below it; the thread itself follows when it is quiet.
(() => {
  const live = document.querySelector("[data-chat]");
  const composer = document.getElementById("composer");
  if (!live || !composer) return;
  const ref = live.dataset.chat;
  const base = live.dataset.base;
  const thread = document.getElementById("thread");
  const newest = document.getElementById("chat-newest");
  const sign = document.getElementById("chat-sign");
  const readMark = document.getElementById("chat-read");
  const field = composer.elements.body;
  const drawer = `aftercare-chat-out ${ref}`;
  const FOLLOW_MS = 3000;
  const files = new Map();  // what a browser cannot keep over a reload
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: window.aftercare.zone,
  });
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");

  const outbox = () => { try { return JSON.parse(sessionStorage.getItem(drawer)) || []; } catch { return []; } };
  const keep = (all) => { try { sessionStorage.setItem(drawer, JSON.stringify(all)); } catch { /* Then a reload forgets it. */ } };
  const post = (path, values) => fetch(`${base}${path}`, {
    method: "POST", body: values, headers: { "X-CSRFToken": window.aftercare.token() },
  });

  // --- the thread ---
  const within = (selector) => [thread, newest].flatMap((part) => [...part.querySelectorAll(selector)]);
  const find = (attribute, value) => value && within(`[data-${attribute}="${CSS.escape(value)}"]`)[0];
  const lastSeen = () => within("[data-message]").pop()?.dataset.message || "";

  let following = 0;
  function refresh() {
    clearTimeout(following);
    following = 0;
    window.htmx.trigger(thread, "chat");
  }
  const refreshSoon = () => { following ||= setTimeout(refresh, FOLLOW_MS); };
  thread.addEventListener("htmx:afterSwap", () => {
    newest.querySelectorAll("[data-message]").forEach((item) => {
      if (thread.querySelector(`[data-message="${CSS.escape(item.dataset.message)}"]`)) item.remove();
    });
    seen();
  });

  function make(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  // Every text is put in as text, never as markup.
  function draw(message) {
    const side = message.side || "provider";
    const item = make("li", `said said-${side}`, "");
    const head = make("header", "said-head", "");
    head.append(make("span", "said-who", message.name || live.dataset.own), make("span", "said-side", live.dataset.sending));
    item.append(head, make("div", "said-body", message.body || message.files || ""));
    item.dataset.side = side;
    item.dataset.client = message.client_id || "";
    newest.append(item);
    return item;
  }
  // The server has it.
  function settle(item, message) {
    item.dataset.message = message.ref;
    item.classList.remove("said-pending");
    item.querySelector(".said-side").textContent = live.dataset[item.dataset.side];
    const at = make("time", "when", clock.format(message.at ? new Date(message.at) : new Date()));
    item.querySelector(".said-head").append(at);
  }
  function waits(message) {
    draw(message).classList.add("said-pending");
  }
  const stateOf = (id, text) => { const item = find("client", id); if (item) item.querySelector(".said-side").textContent = text; };

  function show(words) {
    if (find("message", words.ref)) return;
    settle(find("client", words.client_id) || draw(words), words);
    seen();
  }
  // What is drawn has been seen, so the page's forms hold for it, too; unless something else has changed besides.
  function upTo(version) {
    const inputs = [...document.querySelectorAll('input[name="version"]')];
    const isNext = inputs.every((input) => version - input.value <= 1);
    if (!isNext) { refresh(); return; }
    inputs.forEach((input) => { input.value = Math.max(input.value, version); });
    refreshSoon();
  }

  // --- saying ---
  let typing = 0;
  let isSending = false;
  async function send() {
    if (isSending) return;
    isSending = true;
    let pause = 500;
    while (outbox().length) {
      const next = outbox()[0];
      const values = new FormData();
      ["client_id", "body", "then", "seen"].forEach((name) => values.set(name, next[name] || ""));
      (files.get(next.client_id) || []).forEach((file) => values.append("files", file));
      const answer = await post("", values).catch(() => null);
      if (answer && answer.status < 500 && answer.status !== 429) {
        keep(outbox().filter((one) => one.client_id !== next.client_id));
        files.delete(next.client_id);
        const told = await answer.json().catch(() => ({ refused: window.aftercare.say("request_refused", answer.status) }));
        const item = find("client", next.client_id);
        if (answer.ok) {
          if (item && !item.dataset.message) find("message", told.ref) ? item.remove() : settle(item, told);
          refreshSoon();
          document.querySelector('form[action$="/claim"]')?.remove();  // who answers has it
          if (next.then) location.reload();
        } else {
          item?.remove();
          if (!field.value) field.value = next.body;
          window.aftercare.toast({ tone: "breached", title: told.refused, sticky: true });
          refresh();
        }
        pause = 500;
        continue;
      }
      stateOf(next.client_id, live.dataset.waiting);
      await Promise.race([new Promise((go) => setTimeout(go, pause)), new Promise((go) => window.addEventListener("online", go, { once: true }))]);
      pause = Math.min(pause * 2, 10000);
    }
    isSending = false;
  }

  const chosenWords = document.getElementById("chat-chosen");
  const told = () => { if (chosenWords) chosenWords.textContent = [...composer.elements.files.files].map((file) => file.name).join(", "); };
  composer.elements.files?.addEventListener("change", told);

  composer.addEventListener("submit", (event) => {
    if (composer.elements.internal?.value === "1") return;  // notes go the ordinary way
    event.preventDefault();
    const chosen = [...(composer.elements.files?.files || [])];
    const body = field.value.trim();
    if (!body && !chosen.length) return;
    const message = { client_id: newId(), body, seen: lastSeen(), then: event.submitter?.value || "", files: chosen.map((file) => file.name).join(", ") };
    if (chosen.length) files.set(message.client_id, chosen);
    keep([...outbox(), message]);
    waits(message);
    field.value = "";
    clearTimeout(typing);
    typing = 0;
    if (composer.elements.files) composer.elements.files.value = "";
    told();
    send();
  });
  field.required = false;  // a file may go alone
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || composer.elements.internal?.value === "1") return;
    event.preventDefault();
    composer.requestSubmit(composer.querySelector(".button-primary"));
  });

  // Said once every few seconds, and not of words that go out at once.
  field.addEventListener("input", () => {
    if (composer.elements.internal?.value === "1" || typing) return;
    typing = setTimeout(() => {
      post("/typing").catch(() => {});
      typing = setTimeout(() => { typing = 0; }, 2500);
    }, 400);
  });

  let readTo = "";
  function seen() {
    const theirs = within('[data-side="customer"][data-message]').pop()?.dataset.message;
    if (!theirs || theirs === readTo || document.visibilityState !== "visible") return;
    readTo = theirs;
    const values = new FormData();
    values.set("ref", theirs);
    post("/reading", values).catch(() => { readTo = ""; });
  }

  // --- hearing ---
  let quiet = 0;
  const mine = (call) => (event) => { if (event.detail.subject === ref) call(event.detail); };
  document.addEventListener("aftercare:message", mine((told) => {
    if (told.ref) return;  // the notice for those who look elsewhere; this page has the words by their own sign
    if (!told.words) { refresh(); return; }
    if (told.words.side === "customer") sign.hidden = true;
    show(told.words);
    upTo(told.version);
  }));
  document.addEventListener("aftercare:chat_read", mine((told) => {
    const upTo = find("message", told.ref);
    if (!upTo) return;
    within(".said-read").forEach((mark) => mark.remove());
    upTo.append(readMark.content.cloneNode(true));
  }));
  document.addEventListener("aftercare:chat_typing", mine(() => {
    sign.hidden = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => { sign.hidden = true; }, 5000);
  }));
  document.addEventListener("visibilitychange", seen);
  outbox().forEach(waits);
  send();
  seen();
  composer.dataset.live = "";
})();
