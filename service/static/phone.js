/* The phone's pages: a clock that stays right, sliders, a live total, answers kept without a network. Everything works
   without it. */
"use strict";

document.documentElement.classList.add("scripted");
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** Write what is left into an element; words come from the page, so this file knows no language. */
function tick(clock) {
  const left = Date.parse(clock.dateTime) - Date.now();
  const { days, hours, minutes, over } = clock.dataset;
  const [words, unit] = left >= 2 * DAY ? [days, DAY] : left >= HOUR ? [hours, HOUR] : [minutes, MINUTE];
  const text = left < 0 ? over : words.replace("#", Math.floor(left / unit));
  if (clock.textContent !== text) clock.textContent = text;
}

for (const clock of document.querySelectorAll("time[data-until]")) {
  tick(clock);
  setInterval(tick, MINUTE / 2, clock);
}

const baht = satang => (satang / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** What a line's answer comes to, in satang. */
function worth(line) {
  const answer = line.querySelector("input[type=radio]:checked")?.value;
  const part = line.querySelector("[data-part]");
  const quantity = answer === "accepted" ? line.dataset.whole : answer === "partially_accepted" ? part.value : 0;
  return line.dataset.price * (quantity || 0);
}

/** A slider in packs beside the number, for thumbs; both say the same. */
function slide(number) {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: number.min, max: number.max, step: number.step });
  slider.value = number.value || number.max;
  slider.setAttribute("aria-labelledby", number.labels[0].id = `${number.id}-label`);
  slider.addEventListener("input", () => { number.value = slider.value; });
  number.addEventListener("input", () => { slider.value = number.value; });
  const box = document.createElement("p");
  box.className = "slider";
  box.append(slider);
  number.closest("p").before(box);
}

for (const form of document.querySelectorAll("form[data-answer]")) {
  const lines = [...form.querySelectorAll("[data-line]")], total = form.querySelector("[data-total]");
  for (const part of form.querySelectorAll("[data-part]")) if (part.min !== part.max) slide(part);
  const add = () => { total.textContent = baht(lines.reduce((sum, one) => sum + worth(one), 0)); };
  add(); // a refused form comes back with what was chosen
  form.addEventListener("input", event => {
    const line = event.target.closest("[data-line]");
    const part = line?.querySelector("[data-part]");
    // Choosing a part starts from nearly all: the slider stands there too.
    if (event.target.value === "partially_accepted" && part && !part.value) part.value = part.max;
    const reason = line?.querySelector("select");
    if (reason) reason.required = line.querySelector("input[type=radio]:checked")?.value === "declined";
    add();
  });
  // One code holds for all awards of a message: this tab types it once.
  if (form.dataset.list) {
    if (!document.querySelector(".refusal")) form.elements.code.value ||= sessionStorage.getItem(form.dataset.list) ?? "";
    form.addEventListener("submit", () => sessionStorage.setItem(form.dataset.list, form.elements.code.value));
  }
  // The live total is what the next page would have asked about.
  if (form.dataset.sure) {
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "_sure", value: "yes" });
    form.append(sure);
    form.querySelector("button[type=submit]").textContent = form.dataset.sure;
  }
}

/** Answers that this device keeps, or that the server has just taken or refused, in the server's own words. */
async function showKept() {
  const box = document.getElementById("kept");
  const entries = (await kept.all()).filter(entry => entry.state !== "sending" || Date.now() - entry.at > MINUTE);
  box.replaceChildren(...entries.map(entry => entry.state === "told" ? answered(entry, box.dataset) : waiting(entry, box.dataset)));
  box.hidden = !entries.length;
}

function card(title, text, ...more) {
  const one = document.createElement("div"), head = document.createElement("h2"), said = document.createElement("p");
  one.className = "card waits";
  head.textContent = title;
  said.textContent = text;
  const steps = document.createElement("div");
  steps.className = "steps";
  steps.append(...more);
  one.append(head, said, steps);
  return one;
}

function go(words, path) {
  const link = document.createElement("a");
  Object.assign(link, { className: "button wide", href: path, textContent: words });
  return link;
}

function waiting(entry, words) {
  const next = new URL(entry.url).pathname;
  if (entry.sign === "/phone") return card(words.waiting, words.nameFirst, go(words.name, `/phone?next=${next}`));
  if (entry.sign) return card(words.waiting, words.signFirst, go(words.sign, `/sign-in?next=${next}`));
  if (entry.asks) return card(words.waiting, words.pinText, pinForm(entry, words));
  return card(words.waiting, entry.pin ? words.pinLater : words.waitingText);
}

/** The kept answer with everything that was chosen, but for the PIN, which was never kept. */
function pinForm(entry, words) {
  const form = document.createElement("form"), label = document.createElement("label"), pin = document.createElement("input");
  Object.assign(form, { method: "post", action: entry.url });
  for (const [name, value] of [...new URLSearchParams(entry.body), ["_kept", entry.at]]) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  Object.assign(pin, { id: `pin-${entry.key}`, name: "code", type: "password", inputMode: "numeric", autocomplete: "off", maxLength: 9, required: true });
  Object.assign(label, { htmlFor: pin.id, textContent: words.pin });
  const send = document.createElement("button");
  Object.assign(send, { className: "wide", type: "submit", textContent: words.send });
  const field = document.createElement("p");
  field.className = "field";
  field.append(label, pin);
  form.append(field, send);
  return form;
}

function answered(entry, words) {
  const page = new DOMParser().parseFromString(entry.html, "text/html");
  const said = page.querySelector(".refusal") ?? page.querySelector("main");
  const text = said?.querySelector("p.lead, p:not(.crumbs):not(.quiet), .sum")?.textContent ?? "";
  const close = document.createElement("button");
  Object.assign(close, { className: "wide plain", type: "button", textContent: words.seen });
  close.addEventListener("click", () => kept.drop(entry.key).then(showKept));
  const head = said?.querySelector("h1, h2")?.textContent ?? words.waiting;
  return card(head, text.trim(), go(words.open, entry.path), close);
}

if ("serviceWorker" in navigator && window.isSecureContext) {
  const send = () => navigator.serviceWorker.ready.then(worker => worker.active.postMessage("send"));
  navigator.serviceWorker.register("/sw.js").then(send, () => {});
  navigator.serviceWorker.addEventListener("message", showKept);
  window.addEventListener("online", () => {
    document.querySelector("[data-offline]")?.setAttribute("hidden", "");
    send();
  });
  showKept().catch(() => {});
}
