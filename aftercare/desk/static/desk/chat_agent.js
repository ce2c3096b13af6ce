// An agent's side of a chat: words appear at once, go out in order until they are acknowledged, and never twice.
(() => {
  const live = document.querySelector("[data-chat]");
  const composer = document.getElementById("composer");
  if (!live || !composer) return;
  const ref = live.dataset.chat;
  const base = live.dataset.base;
  const thread = document.getElementById("thread");
  const pendingList = document.getElementById("chat-pending");
  const sign = document.getElementById("chat-sign");
  const field = composer.elements.body;
  const drawer = `aftercare-chat-out ${ref}`;
  const files = new Map();  // what a browser cannot keep over a reload
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");

  const outbox = () => { try { return JSON.parse(sessionStorage.getItem(drawer)) || []; } catch { return []; } };
  const keep = (all) => { try { sessionStorage.setItem(drawer, JSON.stringify(all)); } catch { /* Then a reload forgets it. */ } };
  const refresh = () => window.htmx.trigger(thread, "chat");
  const lastSeen = () => [...thread.querySelectorAll("[data-message]")].pop()?.dataset.message || "";
  const post = (path, values) => fetch(`${base}${path}`, {
    method: "POST", body: values, headers: { "X-CSRFToken": window.aftercare.token() },
  });

  function draw(message) {
    const item = document.createElement("li");
    item.className = "said said-provider said-pending";
    item.dataset.client = message.client_id;
    const head = document.createElement("header");
    head.className = "said-head";
    const who = document.createElement("span");
    who.className = "said-who";
    who.textContent = live.dataset.own;
    const state = document.createElement("span");
    state.className = "said-side";
    state.textContent = live.dataset.sending;
    head.append(who, state);
    const body = document.createElement("div");
    body.className = "said-body";
    body.textContent = message.body || message.files || "";
    item.append(head, body);
    pendingList.append(item);
  }
  const drawn = (id) => pendingList.querySelector(`[data-client="${id}"]`);
  const stateOf = (id, text) => { const item = drawn(id); if (item) item.querySelector(".said-side").textContent = text; };

  let typedAt = 0;
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
        if (answer.ok) {
          gone.push(next.client_id);
          refresh();
          document.querySelector('form[action$="/claim"]')?.remove();  // who answers has it
          if (next.then) location.reload();
        } else {
          const told = await answer.json().catch(() => ({ refused: window.aftercare.say("request_refused", answer.status) }));
          drawn(next.client_id)?.remove();
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
  // What was acknowledged makes way for itself once the thread that holds it has come.
  let gone = [];
  thread.addEventListener("htmx:afterSwap", () => {
    gone.forEach((id) => drawn(id)?.remove());
    gone = [];
    seen();
  });

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
    draw(message);
    field.value = "";
    typedAt = 0;
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

  field.addEventListener("input", () => {
    if (composer.elements.internal?.value === "1" || Date.now() - typedAt < 2500) return;
    typedAt = Date.now();
    post("/typing").catch(() => {});
  });

  let readTo = "";
  function seen() {
    const theirs = [...thread.querySelectorAll('[data-side="customer"]')].pop()?.dataset.message;
    if (!theirs || theirs === readTo || document.visibilityState !== "visible") return;
    readTo = theirs;
    const values = new FormData();
    values.set("ref", theirs);
    post("/reading", values).catch(() => { readTo = ""; });
  }

  let quiet = 0;
  const mine = (call) => (event) => { if (event.detail.subject === ref) call(event); };
  // One's own words are drawn already, and send() asks for the thread when they are acknowledged.
  document.addEventListener("aftercare:message", mine(() => { sign.hidden = true; if (!isSending) refresh(); }));
  let marking = 0;  // a mark may come a moment later than words
  document.addEventListener("aftercare:chat_read", mine(() => {
    clearTimeout(marking);
    marking = setTimeout(refresh, 700);
  }));
  document.addEventListener("aftercare:chat_typing", mine(() => {
    sign.hidden = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => { sign.hidden = true; }, 5000);
  }));
  document.addEventListener("visibilitychange", seen);
  outbox().forEach(draw);
  send();
  seen();
  composer.dataset.live = "";
})();
