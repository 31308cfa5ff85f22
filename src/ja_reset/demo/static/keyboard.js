// A keyboard on the screen for secrets, on until the customer turns it off; digits alone for a PIN.
"use strict";

const secrets = [...document.querySelectorAll("input[data-keyboard]")];
if (secrets.length && document.body.dataset.keyboardUse) {
  const say = (name) => document.body.dataset["keyboard" + name] ?? name;
  const PIN = ["123", "456", "789", "0"];
  const PASSWORD = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!\"#$%&'()*+,", "-./:;<=>?@", "[\\]^_`{|}~"];
  const OFF = "ja_reset_keyboard_off";
  // where the browser keeps nothing, the keyboard is on again on the next page
  const kept = {
    get off() { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } },
    set off(value) { try { localStorage.setItem(OFF, value ? "yes" : "no"); } catch { /* on again */ } },
  };
  const panels = new Map();
  let active = secrets[0];

  const makePanel = (input) => {
    const digits = input.dataset.keyboard === "pin" || input.inputMode === "numeric";
    const panel = document.createElement("div");
    panel.className = digits ? "keyboard digits" : "keyboard";
    panel.id = input.id + "-keyboard";
    panel.setAttribute("role", "group");
    const field = document.querySelector(`label[for="${input.id}"] .label-text`);
    panel.setAttribute("aria-label", `${say("Name")}: ${field?.textContent ?? ""}`);
    let upper = false;

    const type = (text) => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const key = (label, press, wide) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.className = wide ? "key wide" : "key";
      button.addEventListener("click", press);
      return button;
    };
    const draw = () => {
      panel.replaceChildren();
      for (const row of digits ? PIN : PASSWORD) {
        const line = document.createElement("div");
        for (const sign of row) {
          const shownSign = upper ? sign.toUpperCase() : sign;
          line.append(key(shownSign, () => type(input.value + shownSign)));
        }
        panel.append(line);
      }
      let last = panel.lastChild;
      if (!digits) {
        last = document.createElement("div");
        const shift = key(say("Shift"), () => { upper = !upper; draw(); const same = panel.querySelector("[aria-pressed]"); reach(same); same.focus(); }, true);
        shift.setAttribute("aria-pressed", String(upper));
        last.append(shift);
        panel.append(last);
      }
      last[digits ? "prepend" : "append"](key(say("Clear"), () => type(""), true));
      last.append(key(say("Delete"), () => type([...input.value].slice(0, -1).join("")), true));
      reach(panel.querySelector(".key"));
    };
    // one stop for the Tab key; the arrows go from key to key
    const reach = (button) => {
      for (const each of panel.querySelectorAll(".key")) each.tabIndex = each === button ? 0 : -1;
    };
    panel.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const keys = [...panel.querySelectorAll(".key")];
      const next = keys[(keys.indexOf(document.activeElement) + step + keys.length) % keys.length];
      reach(next);
      next.focus();
    });
    draw();
    input.after(panel);
    return panel;
  };

  const box = document.createElement("input");
  const show = () => {
    for (const input of secrets) {
      panels.get(input).hidden = !box.checked || input !== active;
      // the telephone's own keyboard would cover this one
      if (box.checked) input.inputMode = "none";
      else input.inputMode = input.dataset.mode;
    }
  };
  for (const input of secrets) {
    input.dataset.mode = input.inputMode;
    panels.set(input, makePanel(input));
    input.addEventListener("focus", () => { active = input; show(); });
  }
  box.type = "checkbox";
  box.id = "keyboard-use";
  box.checked = !kept.off;
  box.addEventListener("change", () => { kept.off = !box.checked; show(); });
  const use = document.createElement("label");
  use.className = "option keyboard-use";
  const words = document.createElement("span");
  words.textContent = say("Use");
  use.append(box, words);
  secrets[0].closest(".field").before(use);
  show();
}
