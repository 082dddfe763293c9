// Names of products are suggested while they are typed: those that the page does not hold are asked for.
// Without this script the server finds the product by what was written, or asks which one is meant.
(() => {
  "use strict";
  const known = document.getElementById("known-products");
  if (!known) return;
  let asked = 0;
  document.addEventListener("input", (event) => {
    const text = event.target.value || "";
    if (event.target.list !== known || text.length < 2) return;
    window.clearTimeout(asked);
    asked = window.setTimeout(async () => {
      const answer = await fetch(`/api/v1/products?limit=8&words=${encodeURIComponent(text)}`).catch(() => null);
      if (!answer || !answer.ok) return;
      const there = new Set(Array.from(known.options, (option) => option.value));
      for (const product of (await answer.json()).items) {
        const name = document.documentElement.lang === "th" ? product.name_th : product.name_en;
        if (!there.has(name)) known.append(new Option("", name));
      }
    }, 250);
  });
})();
