// Follows the runs of a page: when the server says that they have changed, the page is loaded again and
// what differs is put in its place. What is open, checked or being read stays.
"use strict";

const main = document.getElementById("main");
const line = document.getElementById("live");

// put makes a node like another one; pictures are replaced as a whole.
function put(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== next.nodeName || old.nodeName === "svg") {
    old.replaceWith(next.cloneNode(true));
    return;
  }
  for (const a of next.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  for (const a of [...old.attributes]) if (a.name !== "open" && !next.hasAttribute(a.name)) old.removeAttribute(a.name);
  const was = [...old.childNodes], is = [...next.childNodes];
  was.slice(is.length).forEach((n) => n.remove());
  is.forEach((n, i) => (i < was.length ? put(was[i], n) : old.append(n.cloneNode(true))));
}

// boxes are the checked boxes of the runs in the table, and the unchecked ones above figures.
const name = (box) => box.id || box.name + box.value;
const boxes = () => [...main.querySelectorAll("input[type=checkbox]")];

async function load() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  const checked = new Map(boxes().map((b) => [name(b), b.checked]));
  put(main, next);
  for (const b of boxes()) b.checked = checked.get(name(b)) ?? b.defaultChecked;
}

// One loading at a time, and at most one a second.
let busy = false, again = false;
async function follow() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    await load();
    line.textContent = "Live: " + new Date().toISOString().slice(11, 19) + " UTC";
  } catch {
    line.textContent = "The server does not answer.";
    again = true;
  }
  await new Promise((done) => setTimeout(done, 1000));
  busy = false;
  if (again) {
    again = false;
    follow();
  }
}

if (main.dataset.events && window.EventSource) {
  const events = new EventSource(main.dataset.events);
  const heard = (e) => { if (e.data !== main.dataset.version) follow(); };
  events.addEventListener("version", (e) => { line.textContent = "Live"; heard(e); });
  events.addEventListener("changed", heard);
  events.addEventListener("error", () => { line.textContent = "Not connected to the server."; });
}
