// The photo wall by keyboard: j and k, or the arrows, move among the photos; Enter opens.

import { areOn, isFree } from "./keys.js";

const links = [...document.querySelectorAll("#wall a[data-wall]")];

// Photos in one row of the wall as it is laid out now.
function columns() {
  const top = links[0].getBoundingClientRect().top;
  const next = links.findIndex((link) => link.getBoundingClientRect().top > top + 4);
  return next < 0 ? links.length : next;
}

function step(key) {
  switch (key) {
    case "j":
    case "ArrowRight":
      return 1;
    case "k":
    case "ArrowLeft":
      return -1;
    case "ArrowDown":
      return columns();
    case "ArrowUp":
      return -columns();
    default:
      return 0;
  }
}

document.addEventListener("keydown", (event) => {
  if (!links.length || !isFree(event)) return;
  const at = links.indexOf(document.activeElement);
  // Arrows scroll the page until somebody has stepped onto the wall.
  if (event.key.startsWith("Arrow") ? at < 0 : !areOn()) return;
  const by = step(event.key);
  if (!by) return;
  const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1);
  links[to].focus();
  event.preventDefault();
});
