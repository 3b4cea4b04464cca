// Small helps on every page. Everything here is an addition: pages work without it.

// Forms that name data-once are sent once: the second press of an impatient finger does nothing. The command's id in
// the form makes a second sending harmless anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

// A page brought back by the browser's "back" may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// A form that names data-autosubmit is sent when its date is chosen; its button is then of no use.
for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.querySelector("[data-autosubmit-hide]")?.setAttribute("hidden", "");
  form.addEventListener("change", (event) => {
    if (event.target.matches("input") && event.target.validity.valid && event.target.value) form.requestSubmit();
  });
}

// Buttons that open a dialog.
function openers() {
  for (const opener of document.querySelectorAll("[data-open]")) {
    const dialog = document.getElementById(opener.dataset.open);
    if (!dialog?.showModal) continue;
    opener.hidden = false;
    opener.addEventListener("click", () => dialog.showModal());
  }
}

openers();
document.addEventListener("page-turned", openers);
