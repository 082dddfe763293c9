/* Works without a network: shows pages that the server allowed to keep, keeps answers and sends each exactly once. */
"use strict";

const SHELL = "shell-{{ version }}", PAGES = "pages-", FILES = {{ files | tojson }};
importScripts("{{ kept }}");
const ANSWERS = /^\/(awards|a)\/[^/]+$/, ANOTHER = /^\/(sign-in|sign-out|seats|phone(\/back)?|second-factor)$/;
const STALE = 60_000; // an answer on its way for longer was given up by a worker that ended

self.addEventListener("install", event => {
  event.waitUntil(caches.open(SHELL).then(cache => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("message", event => { if (event.data === "send") event.waitUntil(send()); });
self.addEventListener("sync", event => { if (event.tag === "answers") event.waitUntil(send()); });

self.addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  if (request.method === "GET" && /^\/(static|assets)\//.test(url.pathname)) event.respondWith(file(request));
  else if (request.mode !== "navigate") return;
  else if (request.method === "GET") event.respondWith(page(request));
  else if (request.method === "POST" && ANSWERS.test(url.pathname)) event.respondWith(answer(request));
  else if (request.method === "POST") event.respondWith(step(request, url.pathname));
});

async function file(request) {
  return await caches.match(request) ?? fetch(request);
}

/** The network first; what it gave before, or the page that says there is none, where it fails. */
async function page(request) {
  try {
    const answer = await fetch(request), owner = answer.headers.get("x-keep");
    if (answer.ok && owner) {
      if (owner !== "link") await forget(name => name !== PAGES + owner && name !== `${PAGES}link`);
      await (await caches.open(PAGES + owner)).put(request, answer.clone());
    }
    return answer;
  } catch {
    return await caches.match(request, { ignoreVary: true }) ?? nowhere();
  }
}

const nowhere = () => caches.match("/offline", { ignoreVary: true });

async function forget(which = () => true) {
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && which(name)) await caches.delete(name);
}

/** Steps that are no answer: whoever comes or goes leaves no page behind; another language asks for another page. */
async function step(request, path) {
  try {
    const answer = await fetch(request);
    if (ANOTHER.test(path) || path === "/language") await forget();
    if (path === "/language") (await caches.open(SHELL)).delete("/offline").then(() => caches.open(SHELL)).then(cache => cache.add("/offline")).catch(() => {});
    return answer;
  } catch {
    return nowhere();
  }
}

/** An answer is stored before it is sent, under a key that stands for its contents: sent again it is the same one. */
async function answer(request) {
  const text = await request.text(), form = new URLSearchParams(text), final = form.has("_sure") || form.has("code");
  if (form.has("_check") || !final) return fetch(post(request.url, text)).catch(nowhere);
  const since = Number(form.get("_kept")); // kept before, and its PIN has been typed again: the same answer still
  if (!since) form.set("_key", `${form.get("_key") || crypto.randomUUID()}.${await digest(text)}`);
  form.delete("_kept");
  const entry = { key: form.get("_key"), url: request.url, body: form.toString(), at: since || Date.now(), state: "sending" };
  const stored = { ...entry, pin: form.has("_pin") };
  if (stored.pin) { form.delete("code"); stored.body = form.toString(); } // a PIN is never stored
  await kept.put(stored);
  try {
    const told = await fetch(post(entry.url, entry.body, since ? keptAt(entry) : {}));
    await kept.drop(entry.key);
    return told;
  } catch {
    await kept.put({ ...stored, state: "waiting" });
    await self.registration.sync?.register("answers").catch(() => {});
    return Response.redirect("/offline?kept", 303);
  }
}

const keptAt = entry => ({ "x-kept-at": new Date(entry.at).toISOString() });

const post = (url, body, more = {}) => new Request(url, {
  method: "POST", body, redirect: "manual", credentials: "same-origin",
  headers: { "content-type": "application/x-www-form-urlencoded", ...more },
});

async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes.slice(0, 8)].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/** Send what waits, one after the other; what the server said stays until its reader has seen it. */
const send = () => navigator.locks.request("answers", async () => {
  for (const entry of await kept.all()) {
    const waits = entry.state === "waiting" || (entry.state === "sending" && Date.now() - entry.at > STALE);
    if (!waits) continue;
    try {
      await kept.put(await told(entry));
    } catch {
      break; // still no network
    }
  }
  for (const client of await self.clients.matchAll()) client.postMessage("answers");
});

async function told(entry) {
  if (entry.pin) return asked(entry);
  const sent = post(entry.url, entry.body, keptAt(entry));
  const answer = await fetch(new Request(sent, { redirect: "follow" }));
  const path = new URL(answer.url).pathname;
  if (answer.status >= 500 || answer.status === 429) throw new Error("later");
  if (/^\/(sign-in|second-factor|phone)$/.test(path)) return { ...entry, state: "waiting", sign: path };
  return said(entry, answer, await answer.text());
}

const said = (entry, answer, html) => ({
  key: entry.key, url: entry.url, at: entry.at, state: "told", ok: answer.ok, path: new URL(answer.url).pathname, html,
});

/** There is a network: an answer whose PIN was not stored asks for it again, unless the award waits for it no more. */
async function asked(entry) {
  const answer = await fetch(entry.url, { headers: keptAt(entry), credentials: "same-origin" });
  if (answer.status >= 500 || answer.status === 429) throw new Error("later");
  const html = await answer.text();
  return html.includes("data-answer") ? { ...entry, state: "waiting", asks: true } : said(entry, answer, html);
}
