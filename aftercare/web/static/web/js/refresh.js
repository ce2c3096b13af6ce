// A part with an id and data-refresh-s is fetched again every so many seconds, unless a person is busy in it.
(() => {
  const busyIn = (part) => {
    const selection = document.getSelection();
    const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
    return document.hidden || selects || part.contains(document.activeElement?.closest("input, textarea, select")) ||
      part.querySelector("details[data-menu][open]");
  };
  window.aftercare.each("[id][data-refresh-s]:not([data-chart])", (part) => {
    const { id } = part;
    const timer = setInterval(() => {
      const now = document.getElementById(id);
      if (!now || !window.htmx) return clearInterval(timer);
      if (!busyIn(now)) {
        window.htmx.ajax("GET", now.dataset.refreshSrc || location.href, { target: `#${id}`, select: `#${id}`, swap: "outerHTML" });
      }
    }, Math.max(2, +part.dataset.refreshS) * 1000);
    part.addEventListener("htmx:beforeSwap", () => clearInterval(timer), { once: true });
  });
})();
