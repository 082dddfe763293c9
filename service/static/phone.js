/* The phone's pages: a clock that stays right. Everything works without it. */
"use strict";

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
