// Short news at the edge of the page; what is urgent stays until it is closed.
(() => {
  const KEPT_MS = 8000;

  function toast({ tone = "neutral", title, text = "", url = "", sticky = false }) {
    const box = document.getElementById("toasts");
    if (!box || !title) return;
    const item = document.createElement("div");
    item.className = `toast toast-${tone}`;
    const head = document.createElement(url ? "a" : "strong");
    head.textContent = title;
    if (url) head.href = url;
    item.append(head);
    if (text) item.append(Object.assign(document.createElement("p"), { textContent: text }));
    const close = Object.assign(document.createElement("button"), { type: "button", className: "toast-close", textContent: "×" });
    close.setAttribute("aria-label", window.aftercare.say("close"));
    close.addEventListener("click", () => item.remove());
    item.append(close);
    box.append(item);
    while (box.children.length > 4) box.firstElementChild.remove();
    if (!sticky) setTimeout(() => item.remove(), KEPT_MS);
  }
  window.aftercare.toast = toast;

  document.addEventListener("htmx:sendError", () => toast({ tone: "warning", title: window.aftercare.say("request_failed") }));
  document.addEventListener("htmx:responseError", (event) => {
    // A part that loads itself fails quietly; what a person pressed does not.
    if (event.detail.requestConfig.verb === "get") return;
    toast({ tone: "warning", title: window.aftercare.say("request_refused", event.detail.xhr.status) });
  });
})();
