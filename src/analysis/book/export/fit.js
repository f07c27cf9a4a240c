/* Makes what is wide smaller until it fits, keeps lettering legible and short tables on one page. */
() => {
  const squeeze = (node, box) => {
    const ratio = box.clientWidth / node.scrollWidth;
    if (ratio < 1) node.style.zoom = ratio * 0.995;
  };
  for (const formula of document.querySelectorAll(".formula-inline, .formula")) {
    squeeze(formula, formula.closest("p, dd, li, td, .chapter"));
  }
  for (const drawing of document.querySelectorAll("figure.drawing svg")) {
    drawing.style.maxHeight = `max(66mm, ${0.6 * drawing.viewBox.baseVal.height}pt)`;
  }
  for (const table of document.querySelectorAll("table")) {
    const box = table.parentElement;
    table.classList.toggle("dense", table.scrollWidth > 1.15 * box.clientWidth);
    squeeze(table, box);
    const whole = table.closest(".result") || table;
    if (whole.offsetHeight < 230) whole.style.breakInside = "avoid";
  }
}
