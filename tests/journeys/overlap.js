// Texts of the page that lie over each other. Lines of one paragraph may touch: Thai marks stand high.
() => {
  const shown = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const boxes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.data.trim() || !shown(node.parentElement) || node.parentElement.closest('svg, .scroll, .skip, option')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) if (r.width > 3 && r.right > 0) boxes.push([r, node]);
  }
  boxes.sort((a, b) => a[0].top - b[0].top);
  const found = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length && boxes[j][0].top < boxes[i][0].bottom; j++) {
    const [a, one] = boxes[i], [b, other] = boxes[j];
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top), wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    if (one.parentElement.contains(other) || other.parentElement.contains(one)) continue;
    if (wide > 3 && high > 0.5 * Math.min(a.height, b.height)) found.push(one.data.trim().slice(0, 40) + ' / ' + other.data.trim().slice(0, 40));
  }
  return found.slice(0, 3);
}
