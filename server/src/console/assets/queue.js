// The queue by keyboard: x chooses the photo in focus, * all of them; the other keys press what names them.

import { areOn, isFree, press, setOn } from "./keys.js";

const boxes = [...document.querySelectorAll("#wall input[name=photo]")];
const all = document.getElementById("choose-all");
const chosen = document.getElementById("chosen");
const keysOn = document.getElementById("keys-on");

function tell() {
  if (!chosen) return;
  const count = boxes.filter((box) => box.checked).length;
  chosen.textContent = count ? chosen.dataset.text.replace("[n]", count) : "";
}

function toggleFocused() {
  const item = document.activeElement?.closest(".claim-item");
  const box = item?.querySelector("input[name=photo]");
  if (!box) return false;
  box.checked = !box.checked;
  tell();
  return true;
}

if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}

if (keysOn) {
  keysOn.checked = areOn();
  keysOn.addEventListener("change", () => setOn(keysOn.checked));
}

document.addEventListener("keydown", (event) => {
  if (!isFree(event)) return;
  if (!areOn() && event.key !== "?") return;
  if (event.key === "Enter" || event.key === " " || event.key.startsWith("Arrow")) return;
  if (event.key === "x" ? toggleFocused() : press(event.key)) event.preventDefault();
});
