// Files for a message: chosen, dropped or pasted, each uploaded at once with its progress, sent by reference.
(() => {
  const { each, token } = window.aftercare;

  const size = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    if (text) element.textContent = text; // never as HTML: a name may hold anything
    return element;
  };

  each("[data-uploads]", (box) => {
    const form = box.closest("form");
    const pick = box.querySelector("input[type=file]");
    const list = box.querySelector(".uploads-list");
    let busy = 0;
    box.querySelector(".uploads-hint").hidden = false;

    const fail = (row, words) => {
      row.classList.add("upload-refused");
      row.querySelector(".upload-state").textContent = words;
    };

    const send = (file) => {
      const row = make("li", "upload");
      const state = make("span", "upload-state");
      row.append(make("bdi", "upload-name", file.name || "file"), make("span", "upload-size", size(file.size)), state);
      list.append(row);
      if (file.size > Number(box.dataset.limit)) return fail(row, box.dataset.tooLarge);
      const bar = make("progress", "");
      bar.max = 1;
      bar.value = 0;
      state.append(bar);
      const call = new XMLHttpRequest();
      const data = new FormData();
      data.append("files", file, file.name || "picture.png");
      call.upload.addEventListener("progress", (event) => event.lengthComputable && (bar.value = event.loaded / event.total));
      call.addEventListener("loadend", () => {
        busy -= 1;
        let told = {};
        try {
          told = JSON.parse(call.responseText);
        } catch {
          // not ours, or nothing: told below
        }
        const kept = told.files && told.files[0];
        if (!kept) return fail(row, told.error || box.dataset.failed);
        const ref = document.createElement("input");
        Object.assign(ref, { type: "hidden", name: "file", value: kept.ref });
        state.textContent = "";
        if (kept.refused) fail(row, kept.refused);
        const remove = make("button", "button button-quiet", box.dataset.remove);
        remove.type = "button";
        remove.addEventListener("click", () => {
          row.remove();
          fetch(kept.discard, { method: "POST", headers: { "X-CSRFToken": token() } });
        });
        row.append(ref, remove);
      });
      call.open("POST", box.dataset.url);
      call.setRequestHeader("X-CSRFToken", token());
      busy += 1;
      call.send(data);
    };

    pick.addEventListener("change", () => {
      [...pick.files].forEach(send);
      pick.value = ""; // else the form would send them a second time
    });
    form.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData ? event.clipboardData.files : [])];
      if (files.length) event.preventDefault();
      files.forEach(send);
    });
    const over = (isOver) => (event) => {
      event.preventDefault();
      box.classList.toggle("is-over", isOver);
    };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", (event) => {
      over(false)(event);
      [...event.dataTransfer.files].forEach(send);
    });
    form.addEventListener("submit", (event) => {
      if (!busy) return;
      event.preventDefault();
      box.querySelector(".uploads-hint").textContent = box.dataset.busy;
    });
  });
})();
