// The theme changes at once; the choice is kept by the same form that works without scripts.
(() => {
  const root = document.documentElement;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-themes] button[name=theme]");
    if (!button) return;
    event.preventDefault();
    const theme = button.value;
    root.dataset.theme = theme;
    for (const other of document.querySelectorAll("[data-themes] button[name=theme]")) {
      other.setAttribute("aria-pressed", String(other.value === theme));
    }
    const body = new FormData(button.form);
    body.set("theme", theme);
    fetch(button.form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {
      window.aftercare.toast({ tone: "warning", title: window.aftercare.say("request_failed") });
    });
  });
})();
