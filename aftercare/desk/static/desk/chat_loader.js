// The one script tag: a button at the corner of the page, and behind it a frame with the chat window.
(() => {
  const tag = document.currentScript;
  if (!tag || window.aftercareChat) return;
  const base = tag.src.replace(/\.js(\?.*)?$/, "");
  const isChinese = (tag.dataset.language || document.documentElement.lang || navigator.language || "").toLowerCase().startsWith("zh");
  const words = isChinese
    ? { open: "在线客服", title: "在线客服窗口" }
    : { open: "Chat with support", title: "Chat with support" };
  let frame = null;
  let isOpen = false;
  let isLoaded = false;

  const dress = (element, styles) => Object.assign(element.style, styles);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.open;
  button.setAttribute("aria-expanded", "false");
  dress(button, {
    position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483000", padding: "12px 18px", border: "0",
    borderRadius: "24px", background: "#2f54c8", color: "#fff", font: "600 15px system-ui, sans-serif",
    boxShadow: "0 4px 16px rgb(20 22 26 / 24%)", cursor: "pointer",
  });

  function place() {
    const isNarrow = window.innerWidth <= 480;
    dress(frame, isNarrow
      ? { inset: "0", right: "0", bottom: "0", width: "100%", height: "100%", borderRadius: "0" }
      : { inset: "auto 16px 16px auto", width: "380px", height: "min(600px, calc(100% - 32px))", borderRadius: "12px" });
  }

  function makeFrame() {
    frame = document.createElement("iframe");
    frame.title = words.title;
    frame.setAttribute("allow", "clipboard-write");
    // What stands after # is never sent to a server nor told to another page.
    const identity = tag.dataset.identity ? `#identity=${encodeURIComponent(tag.dataset.identity)}` : "#";
    frame.src = `${base}?lang=${isChinese ? "zh" : "en"}${identity}`;
    dress(frame, {
      position: "fixed", zIndex: "2147483001", border: "0", background: "transparent", colorScheme: "normal",
      boxShadow: "0 8px 32px rgb(20 22 26 / 28%)",
    });
    place();
    frame.addEventListener("load", () => { isLoaded = true; });
    document.body.append(frame);
    window.addEventListener("resize", place);
  }

  function show(open) {
    if (open && !frame) makeFrame();
    isOpen = open;
    if (frame) frame.style.display = open ? "block" : "none";
    button.style.display = open ? "none" : "block";
    button.setAttribute("aria-expanded", String(open));
    if (open) button.textContent = words.open;
    if (frame && isLoaded) tell({ aftercareChat: open ? "shown" : "hidden" });
  }
  const tell = (message) => frame.contentWindow.postMessage(message, new URL(base).origin);

  // A browser may let a frame of another site keep nothing: then this page keeps it for the frame.
  function keptFor(drawer, text) {
    if (typeof drawer !== "string" || !drawer.startsWith("aftercare-chat ")) return "";
    try {
      if (typeof text === "string") localStorage.setItem(drawer, text);
      return localStorage.getItem(drawer) || "";
    } catch { return ""; }
  }

  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || !event.data) return;
    const { aftercareChat, drawer, text } = event.data;
    if (aftercareChat === "keep") keptFor(drawer, text);
    if (aftercareChat === "recall") tell({ aftercareChat: "recalled", text: keptFor(drawer) });
    if (aftercareChat === "close") { show(false); button.focus(); }
    if (aftercareChat === "unread" && !isOpen) {
      button.textContent = `${words.open} (${Number(event.data.count) || 0})`;
    }
  });
  button.addEventListener("click", () => show(true));
  window.aftercareChat = { open: () => show(true), close: () => show(false) };
  const begin = () => document.body.append(button);
  document.body ? begin() : document.addEventListener("DOMContentLoaded", begin);
})();
