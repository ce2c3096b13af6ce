// Keys: ? lists them, / searches, j and k walk through [data-list], Enter opens, g and a letter goes, a letter of [data-key] presses.
(() => {
  let goesUntil = 0;
  let chosen = null;

  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable=true]");
  const items = () => [...document.querySelectorAll("[data-list] > *")].filter((item) => item.offsetParent !== null);

  function choose(item) {
    document.querySelectorAll(".is-chosen").forEach((other) => other.classList.remove("is-chosen"));
    if (!item) return;
    item.classList.add("is-chosen");
    chosen = item.id || item.dataset.ref || null;
    item.scrollIntoView({ block: "nearest" });
  }

  function walk(step) {
    const all = items();
    if (!all.length) return;
    const at = all.findIndex((item) => item.classList.contains("is-chosen"));
    choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))]);
  }

  function press(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const target = document.querySelector(`.is-chosen ${wanted}`) || document.querySelector(wanted);
    if (!target) return false;
    target.matches("input:not([type=checkbox]), textarea, select") ? target.focus() : target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (goesUntil > event.timeStamp) {
      goesUntil = 0;
      const door = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (door) { event.preventDefault(); door.click(); }
      return;
    }
    const known = {
      "?": () => document.getElementById("keys")?.showModal(),
      "/": () => document.querySelector("[data-search]")?.focus(),
      g: () => { goesUntil = event.timeStamp + 1500; },
      j: () => walk(1),
      k: () => walk(-1),
      Enter: () => event.target === document.body && document.querySelector(".is-chosen a[href]")?.click(),
      Escape: () => choose(null),
    }[key];
    if (known) {
      if (key !== "Enter" && key !== "Escape") event.preventDefault();
      known();
    } else if (key.length === 1 && press(key)) {
      event.preventDefault();
    }
  });

  // What was chosen stays chosen when a list is refreshed.
  document.addEventListener("htmx:afterSettle", () => {
    if (!chosen || document.querySelector(".is-chosen")) return;
    const again = document.getElementById(chosen) || document.querySelector(`[data-ref="${CSS.escape(chosen)}"]`);
    if (again) again.classList.add("is-chosen");
  });
})();
