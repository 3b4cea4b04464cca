// The picture on the whole screen, alone or beside another: + and - change its size, the arrows move it, v shows the next
// to compare with, 0 fits it again, Esc closes.

// For the picture that is on the page now.
function arm() {
  const dialog = document.getElementById("zoom");
  const view = document.getElementById("zoom-view");
  const name = document.getElementById("zoom-name");
  const opener = document.querySelector("[data-zoom]");
  const compare = document.getElementById("compare-start");
  const others = [...document.querySelectorAll("[data-compare]")];

  let scale = 1;
  let shown = -1;

  function picture(address, text) {
    const box = document.createElement("div");
    box.className = "zoom-box";
    const image = document.createElement("img");
    image.src = address;
    image.alt = text;
    box.append(image);
    return box;
  }

  function resize() {
    for (const image of view.querySelectorAll("img")) {
      image.classList.toggle("is-fit", scale === 1);
      if (scale === 1) image.removeAttribute("width");
      else image.width = Math.round(image.naturalWidth * fit(image) * scale);
    }
  }

  // The factor by which the picture just fits its box.
  function fit(image) {
    const box = image.parentElement;
    return Math.min(box.clientWidth / (image.naturalWidth || 1), box.clientHeight / (image.naturalHeight || 1));
  }

  function show(index) {
    shown = index;
    scale = 1;
    const here = picture(opener.href, view.dataset.this);
    const other = others[index];
    view.replaceChildren(here, ...(other ? [picture(other.dataset.compare, other.alt)] : []));
    name.textContent = other ? `${view.dataset.this} | ${other.dataset.name}` : view.dataset.this;
    resize();
    if (!dialog.open) dialog.showModal();
    view.focus();
  }

  function move(x, y) {
    for (const box of view.children) box.scrollBy(x * box.clientWidth * 0.2, y * box.clientHeight * 0.2);
  }

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") scale = Math.min(scale * 1.5, 16);
    else if (event.key === "-") scale = Math.max(scale / 1.5, 1);
    else if (event.key === "0") scale = 1;
    else if (event.key === "v" && others.length) {
      show((shown + 1) % others.length);
      event.preventDefault();
      return;
    } else if (event.key === "z") {
      dialog.close();
      event.preventDefault();
      return;
    } else if (moves[event.key]) move(...moves[event.key]);
    else return;
    event.preventDefault();
    resize();
  }

  if (dialog?.showModal && opener) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      show(-1);
    });
    dialog.addEventListener("keydown", pressed);
    view.addEventListener("click", () => {
      scale = scale === 1 ? 2.5 : 1;
      resize();
    });
    // The focus goes back to where the next key is expected.
    dialog.addEventListener("close", () => opener.focus());
    if (compare) {
      compare.hidden = false;
      compare.addEventListener("click", () => show(0));
    }
  }
}

arm();
document.addEventListener("page-turned", arm);
