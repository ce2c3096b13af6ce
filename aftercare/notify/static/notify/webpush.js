// "This browser": asks the reader, then hands the browser's push address to the contact methods.
(() => {
  const button = document.querySelector("[data-webpush]");
  if (!button) return;
  const told = document.getElementById("webpush-told");
  const say = (name) => { told.textContent = button.dataset[name]; told.hidden = false; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    button.disabled = true;
    say("cannot");
    return;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") return say("refused");
      await navigator.serviceWorker.register("/push-worker.js");
      const worker = await navigator.serviceWorker.ready;
      const agreed = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(button.dataset.webpush) });
      const form = document.getElementById("webpush-form");
      form.elements.address.value = agreed.endpoint;
      form.elements.keys.value = `${text(agreed.getKey("p256dh"))}.${text(agreed.getKey("auth"))}`;
      form.submit();
    } catch (error) {
      say("failed");
    } finally {
      button.disabled = false;
    }
  });
})();
