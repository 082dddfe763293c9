/* Answers kept on this device until the server has them: a small store that pages and the service worker share. */
"use strict";

const kept = {
  open: () => new Promise((done, fail) => {
    const asked = indexedDB.open("market-answers", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  }),
  async run(mode, work) {
    const database = await kept.open();
    try {
      return await new Promise((done, fail) => {
        const step = database.transaction("answers", mode);
        const asked = work(step.objectStore("answers"));
        step.oncomplete = () => done(asked.result);
        step.onerror = step.onabort = () => fail(step.error);
      });
    } finally {
      database.close();
    }
  },
  all: () => kept.run("readonly", store => store.getAll()),
  put: entry => kept.run("readwrite", store => store.put(entry)),
  drop: key => kept.run("readwrite", store => store.delete(key)),
};
