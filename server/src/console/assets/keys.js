// Single-key shortcuts that can be switched off (WCAG 2.1.4) and never steal keys from a field.

const SWITCH = "storewalk.keys";

export function areOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

export function setOn(on) {
  localStorage.setItem(SWITCH, on ? "on" : "off");
}

// Whether a key press belongs to the page and not to a field, a dialog, or the browser.
export function isFree(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (document.querySelector("dialog[open]")) return false;
  const target = event.target;
  if (!(target instanceof Element)) return true;
  if (target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return false;
  // Arrow keys move within a group of radio buttons.
  return !(target.matches("input[type=radio]") && event.key.startsWith("Arrow"));
}

// Presses the element whose data-shortcut names the key. Says whether there was one.
export function press(key) {
  const name = key.length === 1 ? key.toLowerCase() : key;
  for (const element of document.querySelectorAll("[data-shortcut]")) {
    if (element.dataset.shortcut.split(" ").includes(name) && !element.hidden) {
      element.click();
      return true;
    }
  }
  return false;
}
