// Adds exports one by one, dropped or chosen, with a bar for each; without this the form sends them all at once.
"use strict";
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const chosen = form.querySelector("input[type=file]");
  const token = form.querySelector("input[name=csrf]").value;
  const limit = Number(form.dataset.limit) * 2 ** 20;
  const box = document.getElementById("uploads");
  const list = document.getElementById("uploads-list");
  const said = document.getElementById("uploads-said");
  const waiting = [];
  let isBusy = false;
  let added = 0;
  let refused = 0;
  form.querySelector(".with-script").hidden = false;

  function line(file) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const bar = document.createElement("progress");
    const told = document.createElement("span");
    told.className = "soft";
    bar.max = 1;
    bar.value = 0;
    label.append(file.name + " ", told, bar);
    item.append(label);
    list.append(item);
    return { item, bar, told };
  }

  function end(shown, text, isGood) {
    shown.bar.remove();
    shown.told.textContent = text;
    shown.item.className = isGood ? "is-good" : "is-refused";
    if (isGood) added += 1;
    else refused += 1;
  }

  function outcome(request, shown) {
    let answer = null;
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // an answer for people, or none
    }
    const [good, bad] = [answer?.taken?.[0], answer?.refused?.[0]];
    if (good) {
      const kinds = good.kinds.join(", ") || "of no known kind: see what it is below";
      end(shown, good.is_new ? `● Added: ${kinds}` : "● It is there already.", true);
    } else if (bad) {
      end(shown, `✕ Refused. ${bad.problem} ${bad.remedy}`, false);
    } else if (request.status === 403 || request.status === 401) {
      end(shown, "✕ Not taken. Load this page again, then add it once more.", false);
    } else {
      end(shown, "✕ Not taken: the server did not answer, or the file is too large.", false);
    }
  }

  function send(file, shown) {
    return new Promise((done) => {
      const body = new FormData();
      body.append("files", file);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("X-CSRF-Token", token);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        shown.bar.value = event.loaded / event.total;
        if (event.loaded === event.total) shown.told.textContent = "Checking";
      });
      request.addEventListener("loadend", () => {
        outcome(request, shown);
        done();
      });
      request.send(body);
    });
  }

  async function work() {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length) {
      const [file, shown] = waiting.shift();
      if (file.size > limit) end(shown, `✕ Refused. It is larger than ${form.dataset.limit} MB. Copy it into exports/ yourself.`, false);
      else await send(file, shown);
      said.textContent = `${added} added or there already, ${refused} refused, ${waiting.length} to go.`;
    }
    isBusy = false;
    if (!refused) location.assign("/data");
    else if (added && !document.getElementById("again")) {
      const link = Object.assign(document.createElement("a"), { href: "/data", id: "again", textContent: "Show the list" });
      link.className = "button second";
      box.append(link);
    }
  }

  function take(files) {
    box.hidden = false;
    for (const file of files) waiting.push([file, line(file)]);
    work();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take([...chosen.files]);
    chosen.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
})();
