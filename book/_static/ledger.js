// Filters and sorts the ledger in the page itself; what is chosen stands in the address.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector(".ledger-filter");
  if (!bar) return;
  const table = document.querySelector("table.ledger.sortable");
  const rows = [...table.tBodies[0].rows];
  const all = rows.reduce((sum, row) => sum + Number(row.dataset.count), 0);
  const fields = [...bar.querySelectorAll("[data-filter]")];
  const count = bar.querySelector("output");
  const asked = new URLSearchParams(location.search);
  for (const field of fields) field.value = asked.get(field.dataset.filter) || "";
  let anchor = asked.get("result") || "";

  function apply() {
    const wanted = Object.fromEntries(fields.map((f) => [f.dataset.filter, f.value]));
    const words = wanted.text.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits =
        ["print", "kind", "verdict"].every((name) => !wanted[name] || row.dataset[name].split("|").includes(wanted[name])) &&
        (!anchor || row.dataset.anchor.split("|").includes(anchor)) &&
        (!words || row.textContent.toLowerCase().includes(words));
      row.hidden = !fits;
      shown += fits ? Number(row.dataset.count) : 0;
    }
    count.textContent = `${shown} of ${all} claims`;
    const chosen = Object.entries({ ...wanted, result: anchor }).filter(([, value]) => value);
    const query = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", location.pathname + (query ? `?${query}` : "") + location.hash);
  }

  if (anchor) {
    const note = document.createElement("button");
    note.type = "button";
    note.textContent = `only ${anchor} ✕`;
    note.addEventListener("click", () => {
      anchor = "";
      note.remove();
      apply();
    });
    bar.append(note);
  }
  table.querySelectorAll("thead button").forEach((button, column) => {
    button.addEventListener("click", () => {
      const head = button.parentElement;
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = new Intl.Collator("en", { numeric: true }).compare;
      const text = (row) => row.cells[column].textContent;
      rows.sort((a, b) => order(text(a), text(b)) * (down ? -1 : 1));
      table.tBodies[0].append(...rows);
    });
  });
  fields.forEach((field) => field.addEventListener("input", apply));
  apply();
});
