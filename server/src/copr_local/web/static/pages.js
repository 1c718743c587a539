"use strict";
// Everything here adds to pages that work without it.

// A button that copies a command.
for (const box of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = box.querySelector("pre");
    getSelection().selectAllChildren(text);
    if (navigator.clipboard) await navigator.clipboard.writeText(text.textContent);
    else document.execCommand("copy"); // over HTTP from another machine
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  box.append(button);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The log of a running step: new lines are added at its end.
async function follow(log) {
  const status = document.getElementById("following");
  if (status) status.textContent = "Following the log";
  for (;;) {
    const after = log.lastElementChild ? log.lastElementChild.id.slice(1) : 0;
    let response = null;
    try { response = await fetch(`?after=${after}`); } catch { /* the service restarts, or the network is gone */ }
    if (response && response.ok) {
      const isAtEnd = innerHeight + scrollY > document.body.scrollHeight - 120;
      log.insertAdjacentHTML("beforeend", await response.text());
      if (isAtEnd) scrollTo(0, document.body.scrollHeight);
      if (response.headers.get("Log-Finished")) break;
    }
    await pause(response && response.ok ? 1000 : 5000);
  }
  if (status) { status.classList.remove("growing"); status.textContent = "This step has finished."; }
}
const growing = document.querySelector("[data-follow]");
if (growing) follow(growing);

// The page of a running build: its parts are replaced until the build has finished.
async function refresh() {
  while (document.querySelector("[data-live]")) {
    await pause(2000);
    let response = null;
    try { response = await fetch(location.href); } catch { continue; }
    if (!response.ok) continue;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of [".head", "[data-part=build]"]) {
      const old = document.querySelector(part), now = page.querySelector(part);
      if (old && now && old.innerHTML !== now.innerHTML && !old.contains(document.activeElement)) old.replaceWith(now);
    }
  }
}
refresh();

// The progress of an upload.
for (const form of document.querySelectorAll("form[data-progress]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", "Upload");
    const button = form.querySelector("button.primary");
    button.disabled = true;
    button.after(bar);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (sent) => { if (sent.lengthComputable) bar.value = sent.loaded / sent.total; };
    request.onload = () => {
      if (request.status < 400) { location.href = request.responseURL; return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
      scrollTo(0, 0);
    };
    request.onerror = () => { bar.remove(); button.disabled = false; button.textContent = "Build: the upload broke off, try again"; };
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}
