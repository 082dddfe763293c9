// The grid of lines at a keyboard: arrows move between rows, pasting fills cells, typing is kept.
// Without this script the same form does all of it through its buttons.
(() => {
  "use strict";
  const form = document.querySelector("form[data-grid]");
  if (!form) return;
  const COLUMNS = ["product_code", "quantity", "ceiling_satang", "delivery_date", "window_from", "window_until", "least_quantity", "most_quantity"];
  const WRITTEN = new Set(["product_code", "quantity", "ceiling_satang", "least_quantity", "most_quantity"]);
  const cellName = /^lines-(\d+)-(\w+)$/;
  const cell = (row, column) => form.elements.namedItem(`lines-${row}-${column}`);
  const spot = (field) => {
    const found = field && field.name ? cellName.exec(field.name) : null;
    return found && COLUMNS.includes(found[2]) ? { row: Number(found[1]), column: found[2] } : null;
  };

  // Enter and the arrows move along a column; Control and Enter save.
  form.addEventListener("keydown", (event) => {
    const here = spot(event.target);
    if (!here) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit(form.querySelector("[data-save]"));
      event.preventDefault();
      return;
    }
    const list = event.target.tagName === "SELECT" || event.target.type === "time" || event.target.list;
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1)
      : list ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const next = cell(here.row + step, here.column);
    event.preventDefault();
    if (next) { next.focus(); if (next.select) next.select(); }
  });

  // Cells copied from a spreadsheet go into the cells from here on; more rows than there are go through the server.
  form.addEventListener("paste", (event) => {
    const here = spot(event.target);
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!here || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const rows = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const first = COLUMNS.indexOf(here.column);
    const plain = rows[0].length === 1 || COLUMNS.slice(first, first + rows[0].length).every((name) => WRITTEN.has(name));
    const fits = cell(here.row + rows.length - 1, "product_code") !== null;
    if (!fits || (first === 0 && !plain)) {
      form.elements.namedItem("_pasted").value = text;
      form.requestSubmit(form.querySelector("[name=_paste]"));
      return;
    }
    if (!plain) return;
    rows.forEach((values, down) => values.forEach((value, across) => {
      const target = cell(here.row + down, COLUMNS[first + across]);
      if (target && target.tagName === "INPUT") target.value = value.trim();
    }));
    changed();
  });

  // What is typed is kept a moment after the last key.
  const told = form.querySelector("[data-kept]");
  let waiting = 0, sending = false;
  const changed = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(keep, 3000);
  };
  const keep = async () => {
    if (sending) return changed();
    sending = true;
    const data = new FormData(form);
    data.delete("_key");
    data.delete("_file");
    data.set("_keep", "1");
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Autosave": "1" } }).catch(() => null);
    sending = false;
    if (answer && answer.headers.get("X-State")) form.elements.namedItem("_state").value = answer.headers.get("X-State");
    if (told) told.textContent = answer && answer.status === 204 ? told.dataset.kept : told.dataset.lost;
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
})();
