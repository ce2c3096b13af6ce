// The inbox renews itself: every 15 seconds, and when the stream says that something moved. What a person has ticked, where
// the keyboard is and what stands before their eyes stay; with nothing new the server answers with nothing.
(() => {
  const EVERY_MS = 15000;
  const TOGETHER_MS = 1000;  // what moves at once is fetched once
  const rows = () => document.getElementById("inbox-rows");
  if (!rows() || !window.htmx) return;
  const all = () => [...rows().querySelectorAll("tr[data-ref]")];
  const row = (ref) => rows().querySelector(`tr[data-ref="${CSS.escape(ref)}"]`);

  let isPressed = false;
  const isBusy = () => {
    const selection = document.getSelection();
    return isPressed || (selection && !selection.isCollapsed && rows().contains(selection.anchorNode));
  };
  const renew = () => document.hidden || isBusy() || window.htmx.trigger(rows(), "renew");

  let kept = null;
  function keep() {
    const focused = document.activeElement;
    const at = rows().contains(focused) ? focused.closest("tr[data-ref]") : null;
    const seen = all().find((one) => one.getBoundingClientRect().bottom > 64);
    return {
      known: new Set(all().map((one) => one.dataset.ref)),
      ticked: [...rows().querySelectorAll(".bulk-box input:checked")].map((box) => box.value),
      focus: at && { ref: at.dataset.ref, what: focused.matches("input") ? "input" : "a" },
      place: scrollY > 0 && seen ? { ref: seen.dataset.ref, top: seen.getBoundingClientRect().top } : null,
    };
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === rows()) event.detail.parameters.mark = rows().dataset.mark;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== rows()) return;
    // Whoever has been signed out meanwhile gets the page for signing in, which is no list.
    if (!event.detail.serverResponse.includes('id="inbox-rows"')) event.detail.shouldSwap = false;
    kept = event.detail.shouldSwap ? keep() : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    const { known, ticked, focus, place } = kept;
    kept = null;
    all().forEach((one) => {
      if (!known.has(one.dataset.ref)) one.classList.add("is-new");
      const box = one.querySelector(".bulk-box input");
      if (box) box.checked = ticked.includes(one.dataset.ref);
    });
    if (focus) row(focus.ref)?.querySelector(focus.what)?.focus({ preventScroll: true });
    const again = place && row(place.ref);
    if (again) scrollBy(0, again.getBoundingClientRect().top - place.top);
  });

  document.addEventListener("pointerdown", () => { isPressed = true; });
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, () => { isPressed = false; }));
  let soon = 0;
  const together = () => { clearTimeout(soon); soon = setTimeout(renew, TOGETHER_MS); };
  ["message", "assignment", "clock", "call_back"].forEach((kind) => document.addEventListener(`aftercare:${kind}`, together));
  document.addEventListener("visibilitychange", renew);
  setInterval(renew, EVERY_MS);
})();
