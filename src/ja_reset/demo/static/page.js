// What a page does by itself: nothing that it could not do without.
"use strict";

// Errors are read out, and the keyboard is where they are.
const summary = document.getElementById("summary");
if (summary) summary.focus();

// One press sends one request: a second one while the first is under way is dropped. No event tells that the customer
// stopped the first one, so after a while a press counts; the request id sees to it that both take effect once.
const DROPPED_FOR = 3000;
const isUnderWay = (form) => form.dataset.sent !== undefined && performance.now() - form.dataset.sent < DROPPED_FOR;

// What the customer is told of the connection: that it is slow, or gone.
const say = (name) => document.body.dataset[name] ?? "";
const told = document.getElementById("told");
let waiting = [];
const tell = (words) => { if (told) told.textContent = words; };
const tellLater = (...what) => {
  waiting.forEach(clearTimeout);
  waiting = what.map(([words, after]) => setTimeout(() => tell(words), after));
};
const stopTelling = () => {
  waiting.forEach(clearTimeout);
  tell("");
};
addEventListener("offline", () => tell(say("offline")));
addEventListener("online", () => {
  tell(say("online"));
  tellLater(["", 4000]);
});

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (isUnderWay(form)) {
      event.preventDefault();
      return;
    }
    if (!navigator.onLine) {
      event.preventDefault();
      tell(say("offline"));
      return;
    }
    form.dataset.sent = performance.now();
    tellLater([say("sending"), 600], [say("slow"), 8000]);
  });
}
// A page that the back button brings out of the browser's memory may send again.
addEventListener("pageshow", (event) => {
  stopTelling();
  if (!navigator.onLine) tell(say("offline"));
  for (const form of document.forms) delete form.dataset.sent;
  if (event.persisted && document.body.dataset.live !== undefined) location.reload();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
for (const select of document.querySelectorAll("select[data-send]")) {
  select.form.querySelector("[data-by-hand]").hidden = true;
  select.addEventListener("change", () => select.form.requestSubmit());
}

// What is typed is kept on the way, so that a reload loses nothing; what is secret stays here.
const page = document.getElementById("page");
const post = (path, fields) => {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, value);
  return fetch(path, { method: "POST", body, keepalive: true, redirect: "manual" });
};
const open = () => [...new FormData(page)].filter(([name]) => page.elements[name]?.type !== "password");
if (page?.querySelector("[name]:not([type=hidden])")) {
  let due = null;
  const keep = () => {
    clearTimeout(due);
    due = null;
    if (!isUnderWay(page)) post("/draft", open()).catch(() => { /* kept with the next stroke */ });
  };
  page.addEventListener("input", (event) => {
    if (event.target.type === "password") return;
    clearTimeout(due);
    due = setTimeout(keep, 400);
  });
  addEventListener("pagehide", () => { if (due !== null) keep(); });
}

// The size of the text needs no other page, and so loses not even what is secret.
const sizes = document.querySelectorAll("button[data-size]");
for (const button of sizes) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    document.documentElement.className = button.value;
    for (const each of sizes) each.setAttribute("aria-pressed", String(each === button));
    post("/preferences", [["csrf", page.elements.csrf.value], ["size", button.value]]).catch(() => { /* this page has it */ });
  });
}

// The time left on a page that waits for the customer: said in minutes, and aloud two minutes before it ends.
const idle = document.querySelector("[data-idle]");
if (idle) {
  const words = idle.querySelector(".idle-left");
  const button = idle.querySelector("button");
  const WARNS = 120;
  let end = performance.now() + Number(idle.dataset.idle) * 1000;
  let warned = false;
  const look = async () => {
    const answer = await fetch("/application/state", { cache: "no-store" });
    const state = answer.ok ? await answer.json() : null;
    if (state && state.mark !== (document.body.dataset.shown ?? document.body.dataset.live)) location.replace(location.pathname);
    else if (state?.left != null) end = performance.now() + state.left * 1000;
  };
  const show = () => {
    const left = (end - performance.now()) / 1000;
    const soon = left <= WARNS;
    const minutes = Math.round(left / 60);
    const text = minutes < 2 ? idle.dataset.last : idle.dataset.about.replace("{minutes}", minutes);
    if (words.textContent !== text) words.textContent = text;
    idle.classList.toggle("soon", soon);
    if (soon && !warned) {
      tell(idle.dataset.soon);
      tellLater(["", 10000]);
    }
    if (!soon && warned) stopTelling();
    warned = soon;
  };
  let asked = false;
  setInterval(async () => {
    const left = (end - performance.now()) / 1000;
    // another tab may have gone on, so the server is asked before anybody is alarmed, and whether it is over
    if (!asked && (left <= 0 || (left <= WARNS && !warned))) {
      asked = true;
      try { await look(); } catch { /* the next second asks again */ }
      asked = false;
    }
    show();
  }, 1000);
  button?.addEventListener("click", async (event) => {
    event.preventDefault();
    const fields = ["csrf", "session"].map((name) => [name, page.elements[name].value]);
    try {
      await post("/application/send", [...fields, ["event", button.value]]);
      await look();
      show();
      tell(idle.dataset.extended);
      tellLater(["", 4000]);
    } catch {
      tell(say("offline"));
    }
  });
}

// The JAs of the chosen prefecture alone.
const prefecture = document.querySelector("select#prefecture");
const institution = document.querySelector("select#institution");
if (prefecture && institution) {
  const groups = [...institution.querySelectorAll("optgroup")];
  const narrow = () => {
    for (const group of groups) {
      const here = !prefecture.value || group.label === prefecture.value;
      group.hidden = group.disabled = !here;
      if (!here && institution.selectedOptions[0]?.parentElement === group) institution.value = "";
    }
  };
  prefecture.addEventListener("change", narrow);
  narrow();
}

// The time left, as the server counted it when it made the page.
const left = document.querySelector("span[data-left]");
if (left) {
  const bar = document.querySelector("progress[data-left]");
  const end = performance.now() + Number(left.dataset.left) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    left.textContent = String(seconds);
    if (bar) bar.value = seconds;
    left.closest(".left").classList.toggle("short", seconds <= 20);
  };
  tick();
  setInterval(tick, 250);
}

// The page goes on as soon as the session has: told by the server, or by asking where that fails.
const shown = document.body.dataset.live;
if (shown !== undefined) {
  let asking = null;
  // A form that is on its way brings the new page by itself; one that was stopped does not.
  const goOn = () => {
    if ([...document.forms].some(isUnderWay)) setTimeout(goOn, DROPPED_FOR);
    else location.replace(location.pathname);
  };
  const ask = async () => {
    try {
      const answer = await fetch("/application/state", { cache: "no-store" });
      if (answer.ok && (await answer.json()).mark !== shown) goOn();
    } catch { /* the next question may be heard */ }
  };
  const askOn = () => { asking ??= setInterval(ask, 2000); };
  if ("EventSource" in window) {
    const source = new EventSource("/application/events?shown=" + encodeURIComponent(shown));
    source.addEventListener("moved", () => { source.close(); goOn(); });
    source.addEventListener("error", askOn);
    source.addEventListener("open", () => { clearInterval(asking); asking = null; });
    addEventListener("pagehide", () => source.close());
  } else {
    askOn();
  }
}
