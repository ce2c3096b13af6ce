// What the controllers share: the words of the page's language, and a call for every piece of page that arrives.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const catalogue = document.getElementById("words");
  const words = catalogue ? JSON.parse(catalogue.textContent) : {};

  const aftercare = (window.aftercare = {
    words,
    zone: root.dataset.zone || undefined,
    say: (key, n) => (words[key] || key).replace("{n}", n),
    // Calls `start(element)` once for every element that matches, now and in parts that htmx brings later.
    each(selector, start) {
      const visit = (part) => {
        const found = [...part.querySelectorAll(selector)];
        if (part.matches && part.matches(selector)) found.unshift(part);
        found.forEach((element) => {
          const seen = (element.aftercareSeen ||= new Set());
          if (!seen.has(selector)) seen.add(selector) && start(element);
        });
      };
      const begin = () => visit(document.body);
      document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();
      document.addEventListener("htmx:load", (event) => visit(event.detail.elt));
    },
    token: () => {
      const field = document.querySelector("input[name=csrfmiddlewaretoken]");
      return field ? field.value : "";
    },
  });

  // Tells the server the browser's zone, for people who have not chosen one.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`aftercare_tz=${zone}`)) {
    document.cookie = `aftercare_tz=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
  return aftercare;
})();
