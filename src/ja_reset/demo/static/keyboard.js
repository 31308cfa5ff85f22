// A keyboard on the screen for secrets, for whoever wants one; digits alone for a PIN.
"use strict";

const say = (name) => document.body.dataset["keyboard" + name] ?? name;

const ROWS = {
  pin: ["1234567890"],
  password: ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!\"#$%&'()*+,", "-./:;<=>?@", "[\\]^_`{|}~"],
};

const keyboardFor = (input) => {
  const panel = document.createElement("div");
  panel.className = "keyboard";
  panel.id = input.id + "-keyboard";
  panel.hidden = true;
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", say("Name"));
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
    for (const row of ROWS[input.dataset.keyboard]) {
      const line = document.createElement("div");
      for (const sign of row) {
        const shownSign = upper ? sign.toUpperCase() : sign;
        line.append(key(shownSign, () => type(input.value + shownSign)));
      }
      panel.append(line);
    }
    const last = document.createElement("div");
    if (input.dataset.keyboard === "password") {
      const shift = key(say("Shift"), () => { upper = !upper; draw(); panel.querySelector("[aria-pressed]").focus(); }, true);
      shift.setAttribute("aria-pressed", String(upper));
      last.append(shift);
    }
    last.append(
      key(say("Delete"), () => type([...input.value].slice(0, -1).join("")), true),
      key(say("Clear"), () => type(""), true),
      key(say("Close"), () => toggle.click(), true),
    );
    panel.append(last);
  };

  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "keyboard-toggle";
  toggle.textContent = say("Name");
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", panel.id);
  // several fields have one: each is named with its field
  const field = document.querySelector(`label[for="${input.id}"] .label-text`);
  toggle.setAttribute("aria-label", `${say("Name")}: ${field?.textContent ?? ""}`);
  toggle.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) input.focus();
  });
  draw();
  input.after(toggle, panel);
};

document.querySelectorAll("input[data-keyboard]").forEach(keyboardFor);
