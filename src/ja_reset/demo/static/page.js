// What a page does by itself: nothing that it could not do without.
"use strict";

// Errors are read out, and the keyboard is where they are.
const summary = document.getElementById("summary");
if (summary) summary.focus();

// One press sends one request: a second one while the first is under way is dropped. No event tells that the customer
// stopped the first one, so after a while a press counts; the request id sees to it that both take effect once.
const DROPPED_FOR = 3000;
const isUnderWay = (form) => form.dataset.sent !== undefined && performance.now() - form.dataset.sent < DROPPED_FOR;
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (isUnderWay(form)) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = performance.now();
  });
}
// A page that the back button brings out of the browser's memory may send again.
addEventListener("pageshow", (event) => {
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
