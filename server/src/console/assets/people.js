// What is to be covered in copies of a photo: rectangles drawn with the mouse, a finger or the keys alone. The field with
// the figures is what is sent; the boxes are another way to write it.

import { areOn, isFree, press, setOn } from "./keys.js";

// Sides are counted in ten-thousandths of the picture's.
const WHOLE = 10_000;
const LEAST = 50;
const STEP = 100;

const layer = document.getElementById("boxes");
const field = document.getElementById("areas");
const form = document.getElementById("marks");
const picture = document.getElementById("picture");
const count = document.getElementById("count");
const add = document.getElementById("add");
const remove = document.getElementById("remove");
const save = document.getElementById("save");
const nobody = document.getElementById("nobody");
const keysOn = document.getElementById("keys-on");

let areas = [];
let chosen = -1;
let drag = null;
let before = field?.value ?? "";
let isSent = false;

function clamp(value, least, most) {
  return Math.min(Math.max(Math.round(value), least), most);
}

function most() {
  return Number(field.dataset.most);
}

// 1234 as "12.34", 1200 as "12".
function percent(parts) {
  return String(parts / 100);
}

function line(area) {
  return [area.x, area.y, area.w, area.h].map(percent).join(" ");
}

// The area a line says; null when it is none.
function read(text) {
  const figures = text.trim().split(/\s+/);
  if (figures.length !== 4 || !figures.every((figure) => /^\d{1,3}(\.\d{0,2})?$/.test(figure))) return null;
  const [x, y, w, h] = figures.map((figure) => Math.round(Number(figure) * 100));
  return w >= LEAST && h >= LEAST && x + w <= WHOLE && y + h <= WHOLE ? { x, y, w, h } : null;
}

function label(area, index) {
  const values = { n: index + 1, x: percent(area.x), y: percent(area.y), w: percent(area.w), h: percent(area.h) };
  return layer.dataset.box.replace(/\{(\w)\}/g, (_, name) => values[name]);
}

function put(box, area, index) {
  box.style.left = `${area.x / 100}%`;
  box.style.top = `${area.y / 100}%`;
  box.style.width = `${area.w / 100}%`;
  box.style.height = `${area.h / 100}%`;
  box.setAttribute("aria-label", label(area, index));
  box.dataset.index = index;
  box.firstChild.textContent = index + 1;
}

function made() {
  const box = document.createElement("button");
  box.type = "button";
  box.className = "box";
  for (const name of ["box-number", "box-grip"]) {
    const part = document.createElement("span");
    part.className = name;
    part.setAttribute("aria-hidden", "true");
    box.append(part);
  }
  return box;
}

// Boxes, buttons and the count as the areas say. Boxes that stay are kept, and with them the focus.
function show() {
  while (layer.children.length > areas.length) layer.lastChild.remove();
  while (layer.children.length < areas.length) layer.append(made());
  areas.forEach((area, index) => put(layer.children[index], area, index));
  save.disabled = areas.length === 0;
  nobody.disabled = areas.length > 0;
  remove.hidden = areas.length === 0;
  add.disabled = areas.length >= most();
  const text = areas.length === 0 ? count.dataset.none : count.dataset.some;
  const full = areas.length >= most() ? ` ${count.dataset.most.replace("{most}", most())}` : "";
  count.textContent = text.replace("{n}", areas.length) + full;
}

function change() {
  field.value = areas.map(line).join("\n");
  show();
}

function choose(index) {
  chosen = clamp(index, -1, areas.length - 1);
  layer.children[chosen]?.focus({ preventScroll: true });
}

function append(area) {
  if (areas.length >= most()) return;
  areas.push(area);
  change();
  choose(areas.length - 1);
}

function removeChosen() {
  const index = chosen < 0 ? areas.length - 1 : chosen;
  if (index < 0) return;
  areas.splice(index, 1);
  change();
  choose(Math.min(index, areas.length - 1));
  if (areas.length === 0) add.focus();
}

// Where a pointer is on the picture.
function place(event) {
  const { left, top, width, height } = layer.getBoundingClientRect();
  const share = (at, from, length) => clamp(((at - from) / length) * WHOLE, 0, WHOLE);
  return { x: share(event.clientX, left, width), y: share(event.clientY, top, height) };
}

function begin(event) {
  // One hand draws at a time: a second finger, or the ball of the thumb, is none of its business.
  if (event.button || drag) return;
  event.preventDefault();
  const pointer = event.pointerId;
  const at = place(event);
  const box = event.target.closest(".box");
  if (box) {
    choose(Number(box.dataset.index));
    const kind = event.target.closest(".box-grip") ? "size" : "move";
    drag = { kind, at, area: { ...areas[chosen] }, pointer };
  } else {
    if (areas.length >= most()) return;
    drag = { kind: "draw", at, area: null, pointer };
  }
  layer.setPointerCapture(pointer);
}

function spanned(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) };
}

function follow(event) {
  if (drag?.pointer !== event.pointerId) return;
  const to = place(event);
  if (drag.kind === "draw") {
    const area = spanned(drag.at, to);
    if (area.w < LEAST || area.h < LEAST) return;
    if (drag.area) areas[chosen] = area;
    else append(area);
    drag.area = area;
  } else {
    const { x, y, w, h } = drag.area;
    const by = { x: to.x - drag.at.x, y: to.y - drag.at.y };
    areas[chosen] = drag.kind === "move" ? moved({ x, y, w, h }, by) : sized({ x, y, w, h }, by);
  }
  change();
}

function end(event) {
  if (drag?.pointer === event.pointerId) drag = null;
}

function moved(area, by) {
  return { ...area, x: clamp(area.x + by.x, 0, WHOLE - area.w), y: clamp(area.y + by.y, 0, WHOLE - area.h) };
}

function sized(area, by) {
  return { ...area, w: clamp(area.w + by.x, LEAST, WHOLE - area.x), h: clamp(area.h + by.y, LEAST, WHOLE - area.y) };
}

const arrows = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};

// The keys of a box that has the focus.
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches(".box")) return;
  const by = arrows[event.key];
  if (by) {
    areas[chosen] = event.shiftKey ? sized(areas[chosen], by) : moved(areas[chosen], by);
    change();
  } else if (event.key === "Delete" || event.key === "Backspace") removeChosen();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (form) {
  add.hidden = false;
  areas = field.value.split("\n").map(read).filter(Boolean);
  show();
  layer.addEventListener("pointerdown", begin);
  layer.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) layer.addEventListener(name, end);
  layer.addEventListener("focusin", (event) => (chosen = Number(event.target.dataset.index)));
  layer.addEventListener("keydown", pressed);
  add.addEventListener("click", () => append({ x: 4_000, y: 4_000, w: 2_000, h: 2_000 }));
  remove.addEventListener("click", removeChosen);
  field.addEventListener("input", () => {
    const lines = field.value.split("\n").filter((text) => text.trim());
    areas = lines.map(read).filter(Boolean);
    show();
    // Lines that cannot be read are for the server to refuse; they are never dropped silently.
    save.disabled = lines.length === 0;
    nobody.disabled = lines.length > 0;
  });
  const fail = () => {
    document.getElementById("stage").hidden = true;
    document.getElementById("unreadable").hidden = false;
  };
  picture.addEventListener("error", fail);
  if (picture.complete && picture.naturalWidth === 0) fail();
  form.addEventListener("submit", () => (isSent = true));
  addEventListener("pageshow", () => (isSent = false));
  // What was drawn and not saved is not lost by a slip of the hand.
  addEventListener("beforeunload", (event) => {
    if (!isSent && field.value !== before) event.preventDefault();
  });
}

if (keysOn) {
  keysOn.checked = areOn();
  keysOn.addEventListener("change", () => setOn(keysOn.checked));
}

document.addEventListener("keydown", (event) => {
  if (!isFree(event) || event.key === "Enter" || event.key === " " || event.key === "Tab") return;
  if (!areOn() && event.key !== "?") return;
  if (press(event.key)) event.preventDefault();
});
