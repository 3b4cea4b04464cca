// From one photo to the next without leaving the page: a verdict is sent and the page that answers it is put in this one's
// place, scripts and style sheets stay. Whatever goes wrong, the browser does it its own way, as it would without this:
// a form's command id makes sending it twice harmless. A form that names data-download is answered with a file.

const PATIENCE_MS = 15_000;

let turning = false;
let leaving = false;
let shown = place();

// What the page on show is the page of; a fragment is a place on it.
function place() {
  return location.pathname + location.search;
}

function scriptsOf(page) {
  return [...page.querySelectorAll("script[src]")].map((script) => script.getAttribute("src")).join();
}

// The page an answer brings, if it can stand in for this one.
async function pageOf(answer) {
  if (!answer.headers.get("content-type")?.startsWith("text/html")) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fits = page.getElementById("main") && scriptsOf(page) === scriptsOf(document);
  return fits && page.documentElement.lang === document.documentElement.lang ? page : null;
}

function fetched(address, options) {
  return fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
}

function show(page) {
  shown = place();
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  for (const link of document.head.querySelectorAll("link[rel=prefetch]")) link.remove();
  document.head.append(...page.head.querySelectorAll("link[rel=prefetch]"));
  scrollTo(0, 0);
  document.dispatchEvent(new Event("page-turned"));
  document.getElementById("title")?.focus({ preventScroll: true });
}

// Does one turn at a time; a key pressed meanwhile was meant for the page that is going.
async function turn(work, otherwise) {
  if (turning) return;
  turning = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    if (!(await work())) otherwise();
  } catch {
    // Somebody who is on the way to another page is not called back.
    if (!leaving) otherwise();
  } finally {
    turning = false;
    document.body.removeAttribute("aria-busy");
  }
}

function follow(address, keep) {
  return async () => {
    const answer = await fetched(address);
    const page = answer.ok ? await pageOf(answer) : null;
    if (!page) return false;
    keep(answer.url);
    show(page);
    return true;
  };
}

function send(form) {
  return async () => {
    const answer = await fetched(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = await pageOf(answer);
    if (page && answer.ok) history.pushState(null, "", answer.url);
    if (page) show(page);
    // It was taken, and what comes next is another kind of page.
    else if (answer.ok) location.assign(answer.url);
    return Boolean(page) || answer.ok;
  };
}

const push = (address) => history.pushState(null, "", address);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("main form[method=post]:not([data-download])")) return;
  event.preventDefault();
  turn(send(form), () => form.submit());
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[rel=prev], a[rel=next]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  turn(follow(link.href, push), () => location.assign(link.href));
});

addEventListener("beforeunload", () => {
  leaving = true;
});

addEventListener("pageshow", () => {
  leaving = false;
});

addEventListener("popstate", () => {
  if (place() !== shown) turn(follow(location.href, () => {}), () => location.reload());
});
