// Makes a knowledge check answer: choose, see whether it is right, and why. Without JavaScript it stays a list with a fold.
(() => {
  "use strict";

  // The 32-bit FNV-1a hash, as `progress.py` calculates it.
  function fnv1a(text) {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    return value.toString(16).padStart(8, "0");
  }

  /** The elements between a question's heading and the next heading that make it up, if it is one. */
  function parts(heading) {
    const found = {};
    for (let next = heading.nextElementSibling; next && !/^H[1-6]$/.test(next.tagName); next = next.nextElementSibling) {
      if (next.matches("ul.task-list")) found.list ??= next;
      if (next.matches("details.ck-answer")) found.answer ??= next;
    }
    return found;
  }

  function makeChoice(item, name) {
    const label = item.querySelector("label");
    const input = item.querySelector("input");
    input.type = "radio";
    input.name = name;
    input.disabled = false;
    input.removeAttribute("aria-labelledby");
    const text = document.createElement("span");
    text.append(...[...item.childNodes].filter((node) => node !== label));
    label.append(text);
    item.setAttribute("role", "none");
    return input;
  }

  function start(heading) {
    const { list, answer } = parts(heading);
    if (!list) return;
    const module = document.querySelector("[data-ck-page]")?.dataset.ckPage;
    const task = `${module}/${heading.id}`;
    const store = window.coursekit?.store;
    const items = [...list.children];
    const inputs = items.map((item) => makeChoice(item, `ck-${heading.id}`));
    list.setAttribute("role", "radiogroup");
    const title = heading.cloneNode(true);
    title.querySelector(".headerlink")?.remove();
    list.setAttribute("aria-label", title.textContent.trim());
    list.classList.add("ck-options");
    if (answer) answer.hidden = true;

    const button = document.createElement("button");
    button.type = "button";
    button.className = "md-button ck-check";
    button.textContent = "Check";
    const verdict = document.createElement("span");
    verdict.className = "ck-verdict";
    verdict.setAttribute("role", "status");
    const line = document.createElement("p");
    line.className = "ck-quiz";
    line.dataset.searchExclude = "";
    line.append(button, " ", verdict);
    list.after(line);

    const showDone = () => line.classList.toggle("ck-all-done", Boolean(store?.has(task)));
    document.addEventListener("coursekit:progress", showDone);
    showDone();

    button.addEventListener("click", () => {
      const chosen = inputs.findIndex((input) => input.checked);
      items.forEach((item) => item.classList.remove("ck-right", "ck-wrong"));
      if (chosen < 0) {
        verdict.textContent = "Choose one first.";
        return;
      }
      const right = fnv1a(`${task}/${chosen}`) === heading.dataset.ckKey;
      items[chosen].classList.add(right ? "ck-right" : "ck-wrong");
      verdict.textContent = right ? "Right." : "Not this one. Read why below, then choose again.";
      if (answer) {
        answer.hidden = false;
        answer.open = true;
      }
      if (right) store?.set(task, true);
    });
  }

  function startAll() {
    for (const heading of document.querySelectorAll("h3.ck-question:not([data-ready])")) {
      heading.dataset.ready = "";
      start(heading);
    }
  }

  if (window.document$) window.document$.subscribe(startAll);
  else startAll();
})();
