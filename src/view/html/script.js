"use strict";
// The page works without this: it adds buttons that sort and fold, and shows one
// series of a plot when its name is pointed at.
// Numbers within words count as such: 10.0.0.9 is before 10.0.0.10.
const words = new Intl.Collator("en", { numeric: true });
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const compare = (one, other) => {
        const [a, b] = [key(one, column), key(other, column)];
        if (typeof a === "string" && typeof b === "string") return words.compare(a, b);
        if (typeof a === typeof b) return a - b;
        return typeof a === "number" ? -1 : 1;
      };
      const rows = [...body.rows].sort(compare);
      if (down) rows.reverse();
      body.append(...rows);
    });
  });
}
for (const section of document.querySelectorAll("main > section")) {
  const all = [...section.querySelectorAll("details")];
  if (all.length < 2) continue;
  const handles = document.createElement("p");
  handles.className = "handles";
  for (const [word, open] of [["Unfold all", true], ["Fold all", false]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => { for (const one of all) one.open = open; });
    handles.append(button);
  }
  section.querySelector("h2")?.after(handles);
}
for (const figure of document.querySelectorAll("figure.plot")) {
  const chart = figure.querySelector("svg.chart");
  const light = (series) => {
    chart.classList.toggle("dim", series !== undefined);
    for (const path of chart.querySelectorAll("path[data-series]")) {
      path.classList.toggle("lit", path.dataset.series === series);
    }
  };
  for (const item of figure.querySelectorAll(".legend li")) {
    item.tabIndex = 0;
    for (const event of ["pointerenter", "focus"]) item.addEventListener(event, () => light(item.dataset.series));
    for (const event of ["pointerleave", "blur"]) item.addEventListener(event, () => light(undefined));
  }
}
