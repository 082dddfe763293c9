// The grid of lines at a keyboard: arrows move between rows, pasting fills cells, typing is kept.
// Without this script the same form does all of it through its buttons.
(() => {
  "use strict";
  const form = document.querySelector("form[data-grid]");
  if (!form) return;
  const COLUMNS = ["product_code", "quantity", "ceiling_satang", "delivery_date", "window_from", "window_until", "least_quantity", "most_quantity"];
  const told = form.querySelector("[data-kept]");
  const WRITTEN = new Set(["product_code", "quantity", "ceiling_satang", "least_quantity", "most_quantity"]);
  const cellName = /^lines-(\d+)-(\w+)$/;
  const cell = (row, column) => form.elements.namedItem(`lines-${row}-${column}`);
  const spot = (field) => {
    const found = field && field.name ? cellName.exec(field.name) : null;
    return found && COLUMNS.includes(found[2]) ? { row: Number(found[1]), column: found[2] } : null;
  };

  // A blank row after the last one: a copy of it with the next number and nothing in it.
  const grown = () => {
    const rows = form.querySelectorAll("fieldset.need");
    if (rows.length >= Number(form.dataset.grid)) return null;
    const last = rows[rows.length - 1], next = last.cloneNode(true);
    const old = `lines-${rows.length - 1}-`, fresh = `lines-${rows.length}-`;
    for (const part of next.querySelectorAll("*")) {
      for (const name of ["id", "name", "for"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(old, fresh));
      }
      if (part.type === "checkbox") part.checked = false;
      else if (part.tagName === "INPUT" && !/-(window_\w+|most_awards)$/.test(part.name)) part.value = "";
    }
    next.querySelectorAll(".hint, .choices, .wrong").forEach((part) => part.remove());
    next.setAttribute("aria-label", last.getAttribute("aria-label").replace(/\d+/, rows.length + 1));
    last.after(next);
    form.elements.namedItem("_rows").value = rows.length + 1;
    return next;
  };
  const reached = (row, column) => cell(row, column) || (cell(row - 1, column) && grown() && cell(row, column));

  // Enter and the arrows move along a column, and past its end to a new row; Control and Enter save.
  form.addEventListener("keydown", (event) => {
    const here = spot(event.target);
    if (!here) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit(form.querySelector("[data-save]"));
      event.preventDefault();
      return;
    }
    const list = event.target.tagName === "SELECT" || event.target.list;
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1)
      : list ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const next = reached(here.row + step, here.column);
    event.preventDefault();
    if (next) { next.focus(); if (next.select) next.select(); }
  });

  // What a spreadsheet calls a cell's content, as the field holds it; false where it means nothing to the field.
  const put = (field, text) => {
    const said = text.trim().toLowerCase().replace(/\.$/, "");
    if (field.tagName === "INPUT") field.value = text.trim();
    else if (said) {
      const days = Array.from(field.options, (option) => option.text.toLowerCase());
      let shared = 0;  // a word that every day begins with may be left out
      while (days.every((day) => shared < day.length && day[shared] === days[0][shared])) shared += 1;
      const place = /^[1-7]$/.test(said) ? Number(said) - 1
        : days.findIndex((day) => day.startsWith(said) || day.slice(shared).startsWith(said));
      if (place >= 0) field.selectedIndex = place;
      return place >= 0;
    }
    return true;
  };

  // Cells copied from a spreadsheet go into the cells from here on. A block that begins with products and holds days,
  // times or headings goes through the server, which knows every name of them and points at what it cannot read.
  form.addEventListener("paste", (event) => {
    const here = spot(event.target);
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!here || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const rows = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const first = COLUMNS.indexOf(here.column);
    const plain = COLUMNS.slice(0, rows[0].length).every((name) => WRITTEN.has(name)) && /\p{Nd}/u.test(rows[0][1]);
    if (first === 0 && rows[0].length > 1 && !plain) {
      form.elements.namedItem("_pasted").value = text;
      form.requestSubmit(form.querySelector("[name=_paste]"));
      return;
    }
    let lost = 0;
    rows.forEach((values, down) => values.slice(0, COLUMNS.length - first).forEach((value, across) => {
      const target = reached(here.row + down, COLUMNS[first + across]);
      if (!target || !put(target, value)) lost += 1;
    }));
    if (told) told.textContent = lost ? told.dataset.partly : "";
    changed();
  });

  // What is typed is kept a moment after the last key.
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
