// Sorts and filters the table of all modules, and shows in the learning path what belongs to a module. Without
// JavaScript the table is whole and in the order of teaching, and the drawing has all its lines.
(() => {
  "use strict";

  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

  function sort(table, column) {
    const headers = [...table.tHead.rows[0].cells];
    const descending = headers[column].getAttribute("aria-sort") === "ascending";
    for (const header of headers) header.removeAttribute("aria-sort");
    headers[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    const compare = (one, two) => value(one, column).localeCompare(value(two, column), "en", { numeric: true });
    const rows = [...table.tBodies[0].rows].sort(descending ? (one, two) => compare(two, one) : compare);
    table.tBodies[0].append(...rows);
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "ck-sort";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column));
      header.append(button);
    });
  }

  function makeFilterable(overview) {
    const controls = overview.querySelector(".ck-filter");
    const [text, core] = controls.querySelectorAll("input");
    const rows = [...overview.querySelectorAll("tbody tr")];
    const matches = (row, words) =>
      (!core.checked || row.dataset.core === "true") &&
      words.every((word) => row.textContent.toLowerCase().includes(word));
    const update = () => {
      const words = text.value.toLowerCase().split(/\s+/);
      for (const row of rows) row.hidden = !matches(row, words);
      const shown = rows.filter((row) => !row.hidden).length;
      controls.querySelector("[role=status]").textContent = `${shown} of ${rows.length} modules`;
    };
    controls.addEventListener("input", update);
    controls.hidden = false;
    update();
  }

  // What scrolls by itself can be reached with the keyboard. What is in a closed fold gets its turn when it opens: to
  // ask for its width now would have the browser lay it out.
  function makeReachable() {
    const regions = [...document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap, .ck-scroll")];
    const shown = regions.filter((region) => !region.closest("details:not([open])"));
    for (const region of shown.filter((each) => each.scrollWidth > each.clientWidth)) region.tabIndex = 0;
  }

  // Material's button copies all that a block shows; what copies from a terminal wants the commands alone.
  function commands(code) {
    const copy = code.cloneNode(true);
    for (const prompt of copy.querySelectorAll(".gp")) prompt.textContent = "\0";
    const isCommand = (line, index, lines) => line.startsWith("\0") || (index > 0 && lines[index - 1].endsWith("\\"));
    return copy.textContent.split("\n").filter(isCommand).join("\n").replaceAll("\0", "");
  }

  function start() {
    for (const code of document.querySelectorAll("pre > code:has(> .gp)")) code.dataset.copy = commands(code);
    for (const overview of document.querySelectorAll(".ck-overview:not([data-ready])")) {
      overview.dataset.ready = "";
      makeSortable(overview.querySelector("table"));
      makeFilterable(overview);
    }
    requestAnimationFrame(makeReachable);
    setTimeout(() => document.documentElement.classList.add("ck-loaded"));
  }

  for (const event of ["toggle", "change", "resize"]) window.addEventListener(event, makeReachable, true);

  function showLines(event) {
    const box = event.target.closest?.(".ck-path [data-module]");
    for (const line of document.querySelectorAll(".ck-path [data-ends]")) {
      line.classList.toggle("ck-near", box !== null && line.dataset.ends.split(" ").includes(box?.dataset.module));
    }
  }

  // Else a browser may open the drawer again as a page is reloaded. In HTML a checkbox must not have the attribute.
  for (const box of document.querySelectorAll(".md-toggle")) box.autocomplete = "off";

  // Material's button for copying stands in a landmark of its own in every block of code.
  function dropLandmarks() {
    for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "none");
  }

  // Material's instant navigation cannot follow a link in a drawing, nor bear one with a plain `href`.
  function loadFully(event) {
    if (event.target.closest?.("svg a")) event.stopPropagation();
  }

  new MutationObserver(dropLandmarks).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("click", loadFully, true);
  document.addEventListener("pointerover", showLines);
  document.addEventListener("focusin", showLines);
  // Material's stream of pages, if there is one: under instant navigation a page comes without a script being run.
  if (window.document$) window.document$.subscribe(start);
  else start();
})();
