"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A link into a closed section opens it first.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = target && target.closest("details");
    if (!section) return;
    section.open = true;
    (target.matches(".body") ? section : target).scrollIntoView();
    if (!target.contains(document.activeElement)) target.focus({ preventScroll: true });
  };
  let came = null; // the link that led here: Escape goes back to it
  addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    came = link;
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target || !target.closest("details")) return;
    event.preventDefault(); // at once, and also where the address does not change: the section may be closed again
    if (link.hash !== location.hash) history.pushState(null, "", link.hash);
    reveal();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const section = document.activeElement.closest("details.cell");
    if (!section) return;
    const back = came && !section.contains(came) ? came : section.querySelector("summary");
    section.open = false;
    back.focus();
    back.scrollIntoView({ block: "nearest" });
  });
  addEventListener("hashchange", reveal);
  addEventListener("DOMContentLoaded", reveal);

  // Arrow keys move in the grid, as in any table of many cells.
  const grid = document.querySelector(".grid");
  if (grid) grid.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const td = event.target.closest("td");
    if (!step || !td) return;
    let [row, column] = [td.parentNode.sectionRowIndex, td.cellIndex];
    for (;;) {
      [row, column] = [row + step[0], column + step[1]];
      const next = grid.tBodies[0].rows[row] && column > 0 && grid.tBodies[0].rows[row].cells[column];
      if (!next) return;
      const link = next.querySelector("a");
      if (!link) continue;
      event.preventDefault();
      link.focus();
      return;
    }
  });

  // The list of findings.
  const form = document.getElementById("filter");
  if (form) {
    form.hidden = false;
    const shown = document.getElementById("shown");
    const announced = shown.textContent;
    const rows = all("#rows > tr");
    let texts = null;
    const apply = () => {
      texts = texts || rows.map((row) => ({
        status: row.cells[0].textContent,
        op: row.cells[1].textContent,
        implementation: row.cells[2].textContent,
        dtype: row.dataset.dtype,
        regime: row.dataset.regime,
        all: row.textContent.toLowerCase(),
      }));
      const wanted = Object.fromEntries(new FormData(form));
      const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      rows.forEach((row, i) => {
        const text = texts[i];
        row.hidden = !(["status", "op", "implementation", "dtype", "regime"].every((key) => !wanted[key] || wanted[key] === text[key])
          && words.every((word) => text.all.includes(word)));
        number += !row.hidden;
      });
      shown.textContent = number === rows.length ? announced : `${number} of ${rows.length} listed findings match. ${announced}`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    all("a[data-status], a[data-op]").forEach((link) => link.addEventListener("click", () => {
      form.reset();
      Object.entries(link.dataset).forEach(([name, value]) => { form.elements[name].value = value; });
      setTimeout(apply);
    }));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") form.reset();
    });
  }

  // The three pictures of an entry are read together, by mouse or by arrow keys.
  all("[data-maps]").forEach((maps) => {
    const tables = all("table", maps);
    const readout = maps.nextElementSibling;
    const [height, width] = [tables[0].tBodies[0].rows.length, tables[0].tBodies[0].rows[0].cells.length - 1];
    const cell = (table, row, column) => table.tBodies[0].rows[row].cells[column + 1];
    let place = null;
    const show = (row, column) => {
      all(".here", maps).forEach((td) => td.classList.remove("here"));
      const cells = tables.map((table) => cell(table, row, column));
      cells.forEach((td) => td.classList.add("here"));
      const index = cells[0].title.split("] ")[0] + "]";
      readout.textContent = `${index}  ${cells.map((td) => td.title.slice(index.length + 1)).join(",  ")}`;
      readout.hidden = false;
      place = [row, column];
    };
    maps.addEventListener("mouseover", (event) => {
      const td = event.target.closest("tbody td");
      if (td) show(td.parentNode.sectionRowIndex, td.cellIndex - 1);
    });
    maps.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const worst = maps.querySelector("td.worst");
      const start = worst ? [worst.parentNode.sectionRowIndex, worst.cellIndex - 1] : [0, 0];
      const [row, column] = place ? [place[0] + step[0], place[1] + step[1]] : start;
      show(Math.min(Math.max(row, 0), height - 1), Math.min(Math.max(column, 0), width - 1));
    });
  });

  // Copying a reproducer; where the clipboard is closed to pages, the text is selected instead.
  all("button.copy").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentNode.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected: press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  });
})();
