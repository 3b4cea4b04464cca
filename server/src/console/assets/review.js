// One photo: shortcuts, and the pin by mouse or keyboard.

import { areOn, isFree, press, setOn } from "./keys.js";

const SVG = "http://www.w3.org/2000/svg";

// Everything about the photo that is on the page now, until `signal` says that it has gone.
function arm(signal) {
  const stage = document.querySelector("#stage[data-pinnable]");
  const start = document.getElementById("pin-start");
  const clear = document.getElementById("pin-clear");
  const help = document.getElementById("pin-help");
  const draft = document.getElementById("draft");
  const fieldX = document.getElementById("pin-x");
  const fieldY = document.getElementById("pin-y");
  const reject = document.getElementById("reject");
  const keysOn = document.getElementById("keys-on");

  let pinning = false;
  let at = null;

  // Shows the pin where `at` says, in percent of the picture.
  function draw() {
    draft.replaceChildren();
    if (!at) return;
    for (const name of ["pin-ring", "pin-core"]) {
      const ring = document.createElementNS(SVG, "circle");
      ring.setAttribute("class", name);
      ring.setAttribute("cx", (at.x / 100) * stage.viewBox.baseVal.width);
      ring.setAttribute("cy", (at.y / 100) * stage.viewBox.baseVal.height);
      ring.setAttribute("r", draft.dataset.r);
      draft.append(ring);
    }
  }

  function clamp(percent) {
    return Math.round(Math.min(Math.max(percent, 0), 100) * 10) / 10;
  }

  function place(x, y) {
    at = { x: clamp(x), y: clamp(y) };
    draw();
    say(help.dataset.at.replace("{x}", at.x).replace("{y}", at.y));
  }

  function say(text) {
    help.textContent = text;
  }

  function fill() {
    fieldX.value = at ? at.x : "";
    fieldY.value = at ? at.y : "";
    clear.hidden = !at;
  }

  function begin() {
    pinning = true;
    start.setAttribute("aria-pressed", "true");
    stage.classList.add("is-pinning");
    // While the arrows move the pin, screen readers must pass them on.
    stage.setAttribute("role", "application");
    stage.dataset.alt = stage.getAttribute("aria-label");
    stage.setAttribute("aria-label", stage.dataset.pinning);
    stage.focus();
    place(at?.x ?? 50, at?.y ?? 50);
    say(help.dataset.how);
  }

  function end(keep) {
    pinning = false;
    start.setAttribute("aria-pressed", "false");
    if (stage.classList.contains("is-pinning")) {
      stage.classList.remove("is-pinning");
      stage.setAttribute("role", "img");
      stage.setAttribute("aria-label", stage.dataset.alt);
    }
    if (!keep) at = fieldX.value === "" ? null : { x: Number(fieldX.value), y: Number(fieldY.value) };
    draw();
    fill();
    say(at ? help.dataset.at.replace("{x}", at.x).replace("{y}", at.y) : help.dataset.none);
    if (keep) startRejection();
  }

  // Arrow keys move the pin by 2 %, with Shift by half a percent.
  function movePin(event) {
    const by = event.shiftKey ? 0.5 : 2;
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const move = moves[event.key];
    if (move) place(at.x + move[0], at.y + move[1]);
    else if (event.key === "Enter") end(true);
    else if (event.key === "Escape") end(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function startRejection() {
    const reasons = [...reject.querySelectorAll("input[name=reason]")];
    (reasons.find((reason) => reason.checked) ?? reasons[0]).focus();
  }

  function chooseReason(digit) {
    const reason = reject.querySelector(`input[data-digit="${digit}"]`);
    if (!reason) return false;
    reason.checked = true;
    reason.focus();
    return true;
  }

  if (stage && start && reject) {
    start.hidden = false;
    start.addEventListener("click", () => (pinning ? end(false) : begin()));
    clear.addEventListener("click", () => {
      at = null;
      draw();
      fill();
      say(help.dataset.none);
      start.focus();
    });
    stage.addEventListener("click", (event) => {
      const { width, height } = stage.viewBox.baseVal;
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());
      // A click on the bars beside the picture is not on the picture.
      if (point.x < 0 || point.y < 0 || point.x > width || point.y > height) return;
      place((point.x / width) * 100, (point.y / height) * 100);
      end(true);
    });
    stage.addEventListener("keydown", (event) => {
      if (pinning) movePin(event);
    });
    for (const field of [fieldX, fieldY]) {
      field.addEventListener("input", () => {
        at = fieldX.value === "" || fieldY.value === "" ? null : { x: Number(fieldX.value), y: Number(fieldY.value) };
        draw();
        clear.hidden = !at;
      });
    }
  }

  // A photo whose picture cannot be pinned can be rejected all the same.
  if (reject) {
    document.getElementById("reject-start").addEventListener("click", (event) => {
      event.preventDefault();
      startRejection();
    });
  }

  if (keysOn) {
    keysOn.checked = areOn();
    keysOn.addEventListener("change", () => setOn(keysOn.checked));
  }

  document.addEventListener("keydown", (event) => {
    if (!isFree(event) || pinning) return;
    const inReasons = event.target instanceof Element && event.target.matches("input[name=reason]");
    if (inReasons && /^[1-9]$/.test(event.key)) {
      if (chooseReason(event.key)) event.preventDefault();
      return;
    }
    // "?" always opens the help, where the shortcuts can be switched on again.
    if (!areOn() && event.key !== "?") return;
    if (event.key === "Enter" || event.key === " ") return;
    if (press(event.key)) event.preventDefault();
  }, { signal });
}

let page = new AbortController();
arm(page.signal);
document.addEventListener("page-turned", () => {
  page.abort();
  page = new AbortController();
  arm(page.signal);
});

// After a verdict the reader starts at the heading of the next photo; the keys work from anywhere.
if (new URLSearchParams(location.search).has("done")) document.getElementById("title")?.focus({ preventScroll: true });
