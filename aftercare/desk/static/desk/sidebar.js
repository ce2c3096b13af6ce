// The page in WeCom's sidebar: finds out which group it stands beside, and hands prepared words to WeCom's own function.
(() => {
  const page = document.getElementById("sidebar");
  const part = document.getElementById("sidebar-group");
  const error = document.getElementById("sidebar-error");
  const told = document.getElementById("wecom-sdk");
  const sdk = told ? JSON.parse(told.textContent) : null;
  const EVERY_MS = 10000;
  let chat = page.dataset.chat;
  let ready = false;

  const say = (sentence) => {
    error.textContent = sentence;
    error.hidden = !sentence;
  };

  const refresh = async () => {
    if (!chat || document.hidden) return;
    try {
      const answer = await fetch(`${page.dataset.part}?chat=${encodeURIComponent(chat)}`);
      if (answer.status === 403) {
        window.location.reload();
      } else if (answer.ok) {
        part.innerHTML = await answer.text();
        if (error.textContent === page.dataset.lost) say("");
      }
    } catch {
      say(page.dataset.lost);
    }
  };

  const send = async (button) => {
    if (!ready) {
      say(page.dataset.failed);
      return;
    }
    button.disabled = true;
    const body = new FormData();
    body.append("csrfmiddlewaretoken", page.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const answer = await fetch(button.dataset.send, { method: "POST", body });
      const said = await answer.json();
      if (!answer.ok) {
        say(said.sentence);
      } else {
        window.wx.invoke("sendChatMessage", { msgtype: "text", text: { content: said.text } }, (result) => {
          say(result.err_msg === "sendChatMessage:ok" ? "" : page.dataset.failed);
          refresh();
        });
        return;
      }
    } catch {
      say(page.dataset.lost);
    }
    button.disabled = false;
  };

  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send]");
    if (button) send(button);
  });

  if (sdk && window.wx) {
    window.wx.config(sdk.config);
    window.wx.ready(() => {
      window.wx.agentConfig({
        ...sdk.agent,
        success: () => {
          ready = true;
          window.wx.invoke("getCurExternalChat", {}, (result) => {
            if (result.err_msg === "getCurExternalChat:ok") {
              chat = result.chatId;
              refresh();
            }
          });
        },
      });
    });
  }
  setInterval(refresh, EVERY_MS);
})();
