"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A link into a closed section opens it first.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = target && target.closest("details");
    if (!section) return;
    section.open = true;
    section.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  addEventListener("DOMContentLoaded", reveal);

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
        all: row.textContent.toLowerCase(),
      }));
      const wanted = Object.fromEntries(new FormData(form));
      const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      rows.forEach((row, i) => {
        const text = texts[i];
        row.hidden = !(["status", "op", "implementation"].every((key) => !wanted[key] || wanted[key] === text[key])
          && words.every((word) => text.all.includes(word)));
        number += !row.hidden;
      });
      shown.textContent = number === rows.length ? announced : `${number} of ${rows.length} listed findings match. ${announced}`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    all("a[data-status]").forEach((link) => link.addEventListener("click", () => {
      form.reset();
      form.elements.status.value = link.dataset.status;
      setTimeout(apply);
    }));
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
