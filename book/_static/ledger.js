// Filters the ledger's table in the page itself; nothing is fetched.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector(".ledger-filter");
  if (!bar) return;
  const rows = [...document.querySelectorAll("table.ledger tbody tr")];
  const fields = [...bar.querySelectorAll("[data-filter]")];
  const only = new URLSearchParams(location.search).get("result") || "";
  const count = bar.querySelector("output");
  let anchor = only;

  function apply() {
    const wanted = Object.fromEntries(fields.map((f) => [f.dataset.filter, f.value]));
    const words = (wanted.text || "").toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits =
        ["paper", "table", "kind", "verdict"].every(
          (name) => !wanted[name] || row.dataset[name] === wanted[name]
        ) &&
        (!anchor || row.dataset.anchor === anchor) &&
        (!words || row.textContent.toLowerCase().includes(words));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length} claims`;
  }

  if (only) {
    const note = document.createElement("button");
    note.type = "button";
    note.textContent = `only ${only} ✕`;
    note.addEventListener("click", () => {
      anchor = "";
      note.remove();
      apply();
    });
    bar.append(note);
  }
  fields.forEach((field) => field.addEventListener("input", apply));
  apply();
});
