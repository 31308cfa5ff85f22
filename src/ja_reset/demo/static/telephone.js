// The telephone's receiver speaks where the browser can, and has buttons to press.
"use strict";

const spoken = document.querySelector("[data-speak]");
if (spoken && "speechSynthesis" in window) {
  const speak = () => {
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance([...spoken.children].map((line) => line.textContent).join("\n"));
    words.lang = document.documentElement.lang;
    words.rate = 0.85;
    speechSynthesis.speak(words);
  };
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small-button";
  button.textContent = spoken.dataset.speakName ?? "";
  button.addEventListener("click", speak);
  spoken.after(button);
  speak();
}

for (const pad of document.querySelectorAll("[data-pad]")) {
  const input = document.getElementById(pad.dataset.pad);
  for (const sign of "123456789*0#") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "key";
    button.textContent = sign;
    button.addEventListener("click", () => { input.value += sign; });
    pad.append(button);
  }
}
