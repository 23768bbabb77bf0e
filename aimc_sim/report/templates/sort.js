"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (cell) => {
    const text = cell.dataset.v ?? cell.textContent.trim();
    const number = text === "" || text === "–" ? NaN : Number(text.replace(/[ ,%]/g, ""));
    return { text, number };
  };
  const order = (a, b) => {
    const numbers = !Number.isNaN(a.number) + !Number.isNaN(b.number);
    if (numbers === 2) return a.number - b.number;
    return numbers === 1 ? 0 : a.text.localeCompare(b.text);
  };
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => ({ row, ...key(row.cells[i]) }));
      rows.sort((a, b) => Number.isNaN(a.number) - Number.isNaN(b.number) || sign * order(a, b));
      body.append(...rows.map(({ row }) => row));
    });
  });
}
