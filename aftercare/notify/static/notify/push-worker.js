// Shows a page that came by Web Push; a click opens it.
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data ? event.data.json() : {}; } catch (error) { said = {}; }
  const options = { body: said.body || "", tag: said.tag || "aftercare", renotify: true, requireInteraction: Boolean(said.urgent), data: { url: said.url || "/" } };
  event.waitUntil(self.registration.showNotification(said.title || "Aftercare", options));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
