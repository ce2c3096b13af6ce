// The chat window: draws words and states. Every text is put in as text, never as markup.
(() => {
  const line = window.chatLine;
  const words = JSON.parse(document.getElementById("words").textContent);
  const byId = (id) => document.getElementById(id);
  const [list, thread, stateLine, note, typingLine] = ["chat-words", "chat-thread", "chat-state", "chat-note", "chat-typing"].map(byId);
  const [composer, field, fileField, closeButton] = ["chat-composer", "chat-body", "chat-file", "chat-close"].map(byId);
  const isFramed = window.parent !== window;
  let isShown = true;
  let unread = 0;
  let lastTheirs = "";
  let readUpTo = "";
  let readByThem = "";
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const isToday = (at) => at.toDateString() === new Date().toDateString();
  const shortTime = (text) => { const at = new Date(text); return (isToday(at) ? clock : day).format(at); };

  function make(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function draw(message, isMine) {
    const item = make("li", `word ${isMine ? "word-mine" : message.side === "system" ? "word-system" : "word-theirs"}`);
    if (message.ref) Object.assign(item.dataset, { ref: message.ref, at: message.at });
    if (message.client_id) item.dataset.client = message.client_id;
    const who = isMine ? words.you : message.side === "system" ? "" : message.name || words.support;
    item.append(make("p", "word-head", [who, message.at ? shortTime(message.at) : ""].filter(Boolean).join(" · ")));
    if (message.body) item.append(make("div", "word-body", message.body));
    (message.files || []).forEach((file) => item.append(fileButton(file)));
    if (isMine) item.append(make("p", "word-state", message.ref ? "" : words.sending));
    return item;
  }

  function fileButton(file) {
    const button = make("button", "word-file", file.refused ? `${file.name}: ${file.refused}` : words.download.replace("{name}", file.name || ""));
    button.type = "button";
    button.disabled = Boolean(file.refused) || !file.ref;
    button.addEventListener("click", async () => {
      const blob = await line.fetchFile(file.ref);
      if (!blob) return;
      const link = make("a", "");
      link.href = URL.createObjectURL(blob);
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
    return button;
  }

  const isAtEnd = () => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  function put(item, wasAtEnd) {
    list.append(item);
    if (wasAtEnd) thread.scrollTop = thread.scrollHeight;
  }
  const find = (attribute, value) => value && list.querySelector(`[data-${attribute}="${CSS.escape(value)}"]`);

  function show(message) {
    const wasAtEnd = isAtEnd();
    if (find("ref", message.ref)) return;
    const mine = message.side === "customer";
    const item = draw(message, mine);
    const pending = find("client", message.client_id);
    if (pending) pending.remove();
    // In the order of the server's times, whichever way it came; what waits to go out stays below.
    const later = [...list.children].find((other) => !other.dataset.at || other.dataset.at > message.at);
    if (later) list.insertBefore(item, later); else put(item, wasAtEnd);
    if (wasAtEnd) thread.scrollTop = thread.scrollHeight;
    if (!mine) {
      typingLine.hidden = true;
      lastTheirs = message.ref;
      if (!isSeen()) { unread += 1; tellParent({ aftercareChat: "unread", count: unread }); }
      seen();
    }
    mark();
  }

  // --- read marks ---
  const isSeen = () => isShown && document.visibilityState === "visible";
  function seen() {
    if (!isSeen()) return;
    unread = 0;
    if (lastTheirs && lastTheirs !== readUpTo) { readUpTo = lastTheirs; line.read(lastTheirs); }
  }
  function mark() {
    list.querySelectorAll(".word-mine[data-ref] .word-state").forEach((state) => { state.textContent = ""; });
    const upTo = find("ref", readByThem);
    if (!upTo) return;
    const mine = [...list.querySelectorAll(".word-mine[data-ref]")].filter(
      (item) => item === upTo || item.compareDocumentPosition(upTo) & Node.DOCUMENT_POSITION_FOLLOWING);
    const newest = mine[mine.length - 1];
    if (newest) newest.querySelector(".word-state").textContent = words.read;
  }

  // --- the state of things ---
  let asking = 0;
  async function refreshState() {
    clearTimeout(asking);
    const state = document.visibilityState === "visible" ? await line.state() : null;
    if (state) {
      stateLine.textContent = state.sentence.replace("{at}", shortTime(state.answer_by));
      document.body.dataset.mode = state.mode;
      showReach(state);
      if (state.read) { readByThem = state.read; mark(); }
    }
    asking = setTimeout(refreshState, state && state.position ? 10000 : 45000);
  }
  // Words go before what is said about them.
  function refreshStateSoon() {
    clearTimeout(asking);
    asking = setTimeout(refreshState, 1000);
  }
  // --- where an answer reaches whoever leaves ---
  const [reach, reachWords, reachTell, addressForm, addressField] = ["chat-reach", "chat-reach-words", "chat-reach-tell", "chat-address", "chat-email"].map(byId);
  function showReach(state) {
    reach.hidden = !state.reach;
    reachWords.textContent = state.reach;
    reachTell.hidden = !state.may_tell_address;
    reachTell.textContent = state.answers_to ? words.other_address : words.have_mailed;
    if (!state.may_tell_address) addressForm.hidden = true;
  }
  reachTell.addEventListener("click", () => { addressForm.hidden = false; addressField.focus(); });
  addressForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await line.tellAddress(addressField.value.trim()).catch(() => false))) return;
    warn("");
    addressForm.hidden = true;
    refreshState();
  });

  function warn(text) {
    note.textContent = text || "";
    note.hidden = !text;
  }
  function tellParent(message) {
    if (isFramed) window.parent.postMessage(message, "*");  // nothing in it is a secret
  }

  let quiet = 0;
  line.on("message", (message) => { show(message); if (message.side !== "customer") refreshStateSoon(); });
  line.on("sent", (message) => { show(message); refreshStateSoon(); });
  line.on("pending", (message) => put(draw({ ...message, files: [] }, true), true));
  line.on("waiting", (message) => { const item = find("client", message.client_id); if (item) item.querySelector(".word-state").textContent = words.waiting; });
  line.on("failed", (message, why) => {
    const item = find("client", message.client_id);
    if (!item) return;
    item.classList.add("word-failed");
    item.querySelector(".word-state").textContent = why || "";
    if (message.body && !field.value) field.value = message.body;
  });
  line.on("refused", warn);
  line.on("line", (isUp) => warn(isUp || navigator.onLine !== false ? "" : words.offline));
  line.on("state", refreshState);
  line.on("read", (event) => { readByThem = event.ref; mark(); });
  line.on("typing", (event) => {
    typingLine.textContent = words.typing.replace("{name}", event.name || words.support);
    typingLine.hidden = false;
    if (isAtEnd()) thread.scrollTop = thread.scrollHeight;
    clearTimeout(quiet);
    quiet = setTimeout(() => { typingLine.hidden = true; }, 5000);
  });

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    put(draw(line.post(text), true), true);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); composer.requestSubmit(); }
  });
  field.addEventListener("input", () => line.typing());
  fileField.addEventListener("change", async () => {
    const file = fileField.files[0];
    fileField.value = "";
    if (!file) return;
    if (file.size > 25 * 1024 * 1024) { warn(words.too_large); return; }
    warn(words.uploading.replace("{name}", file.name));
    const kept = await line.upload(file).catch(() => null);
    if (!kept) { if (note.textContent.startsWith(words.uploading.split("{")[0])) warn(words.waiting); return; }
    warn("");
    put(draw({ ...line.post("", [kept.ref]), files: [{ name: kept.name }] }, true), true);
  });
  if (isFramed) {
    closeButton.hidden = false;
    closeButton.addEventListener("click", () => tellParent({ aftercareChat: "close" }));
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || !["shown", "hidden"].includes(event.data?.aftercareChat)) return;
      isShown = event.data.aftercareChat === "shown";
      seen();
    });
  }
  document.addEventListener("visibilitychange", () => { seen(); refreshState(); });
  line.open().then(refreshState);
  composer.dataset.live = "";
})();
