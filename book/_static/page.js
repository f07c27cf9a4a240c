// What scrolls sideways can be reached by keyboard; folded tables are printed.
document.addEventListener("DOMContentLoaded", () => {
  const scrolling = ".pst-scrollable-table-container, .formula, .formula-inline, .ledger-scroll, article pre, .picture";

  function stops() {
    for (const box of document.querySelectorAll(scrolling)) {
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
        box.tabIndex = 0;
      } else {
        box.removeAttribute("tabindex");
      }
    }
  }

  const folded = () => document.querySelectorAll("details.folded");
  window.addEventListener("beforeprint", () => {
    for (const fold of folded()) {
      fold.dataset.open = fold.open ? "yes" : "";
      fold.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folded()) fold.open = Boolean(fold.dataset.open);
  });
  window.addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();
});
