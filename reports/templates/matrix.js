"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A link into a closed section opens it, and what it stands in, first.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    (target.closest("details") || target).scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  addEventListener("DOMContentLoaded", reveal);

  // The grid: operations by name, status, and whether anything changed.
  const form = document.getElementById("filter");
  if (form) {
    form.hidden = false;
    const shown = document.getElementById("shown");
    const announced = shown.textContent;
    const rows = all("#rows > tr");
    const apply = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
      let number = 0;
      rows.forEach((row) => {
        row.hidden = !((!wanted.status || row.dataset.statuses.split(" ").includes(wanted.status))
          && (!wanted.changed || row.dataset.changed)
          && words.every((word) => row.dataset.op.includes(word)));
        number += !row.hidden;
      });
      shown.textContent = number === rows.length ? announced : `${number} of ${rows.length} operations match. ${announced}`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

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
