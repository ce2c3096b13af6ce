// Menus, dialogs, tabs, filters that send and fold themselves, and texts to copy.
(() => {
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details[data-menu]"));
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    if (event.target.matches("dialog.sheet")) event.target.close();
    const fold = event.target.closest("[data-unfold]");
    if (fold) fold.setAttribute("aria-expanded", String(fold.getAttribute("aria-expanded") !== "true"));
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const source = document.getElementById(copier.dataset.copy);
      navigator.clipboard?.writeText(source ? source.value || source.textContent : copier.dataset.copy).then(() => {
        window.aftercare.toast({ tone: "healthy", title: window.aftercare.say("copied") });
      });
    }
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
  });
  // A long list of filters should not fill the address with empty ones.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-autosubmit] :disabled")) field.disabled = false;
  });
  // Where tabs are wider than the page, the present one is in sight.
  window.aftercare.each(".tabs [aria-current]", (tab) => {
    const row = tab.parentElement;
    row.scrollLeft = Math.max(0, tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2);
  });
  window.aftercare.each("button[data-open]", (button) => { button.hidden = false; });
})();
