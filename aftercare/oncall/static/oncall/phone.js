// The in-browser phone: its clock runs, and a page it has not shown before slides in and rings.
(() => {
  const known = new Set();
  let isFirst = true;

  window.aftercare.each("[data-phone]", (phone) => {
    for (const page of phone.querySelectorAll("[data-page]")) {
      const { page: ref } = page.dataset;
      if (!isFirst && !known.has(ref)) {
        page.classList.add("is-new");
        if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate([300, 150, 300]);
      }
      known.add(ref);
    }
    isFirst = false;
  });

  const written = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: window.aftercare.zone });
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-phone-clock]")) {
      const text = written.format(new Date());
      if (clock.textContent !== text) clock.textContent = text;
    }
  }, 1000);
})();
