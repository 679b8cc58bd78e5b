// The search box. What it needs (index, ranking, MiniSearch: about 100 kB) is fetched when somebody first reaches for
// it, by script elements: those work from a folder on disk too, and under the site's content security policy.
(() => {
  "use strict";

  const own = new URL(".", document.currentScript.src);
  const base = new URL("..", own);
  const NEEDED = ["vendor/minisearch-7.2.0.js", "search-ranking.js", "search-index.js"];
  const PAGES = 10;
  const SECTIONS = 2; // further ones of the same page
  const BADGES = { core: "Core", optional: "Optional" };
  const KEY = "coursekit/search-key-off";

  const dialog = () => document.querySelector("dialog.ck-search");
  const input = () => dialog().querySelector("[role=combobox]");
  const options = () => [...dialog().querySelectorAll("[role=option]")];

  let search; // a promise of the function that finds

  const script = (name) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL(name, own);
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    });

  function load() {
    search ??= Promise.all(NEEDED.map(script)).then(
      () => window.coursekitRanking.ranking(window.coursekitSearch, window.MiniSearch),
      (error) => {
        search = undefined; // a network may come back
        throw error;
      },
    );
    search.catch(() => {}); // told to who searches
    return search;
  }

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  /** A text with what was searched for marked in it. */
  function marked(text, beginnings) {
    return text.split(/([\p{L}\p{N}]+)/u).map((piece) => {
      const word = piece.toLowerCase();
      const isMeant = (beginning) => word === beginning || (beginning.length > 3 && word.startsWith(beginning));
      return beginnings.some(isMeant) ? element("mark", "", piece) : piece;
    });
  }

  /** The address of a page; from a folder on disk, where none stands for a folder, with the file's name. */
  function address(page, anchor) {
    const file = window.location.protocol === "file:" && /(^|\/)$/.test(page.url) ? "index.html" : "";
    return new URL(page.url + file + (anchor ? `#${anchor}` : ""), base);
  }

  function option(page, section, beginnings, isMore) {
    const made = element("a", isMore ? "ck-found ck-found-more" : "ck-found");
    made.href = address(page, section.anchor);
    made.setAttribute("role", "option");
    made.tabIndex = -1;
    if (!isMore) {
      const line = element("span", "ck-found-line");
      if (page.label) line.append(element("span", "ck-number", page.label), " ");
      line.append(element("span", "ck-found-title", ...marked(page.title, beginnings)), " ");
      if (BADGES[page.kind]) line.append(element("span", `ck-badge ck-${page.kind}`, BADGES[page.kind]), " ");
      if (page.draft) line.append(element("span", "ck-badge ck-draft", "In preparation"));
      made.append(line);
    }
    if (section.heading) made.append(" ", element("span", "ck-found-section", ...marked(section.heading, beginnings)));
    const text = section.anchor ? section.teaser : page.about;
    if (text && !isMore) made.append(" ", element("span", "ck-found-text", ...marked(text, beginnings)));
    return made;
  }

  function choose(chosen) {
    for (const each of options()) each.setAttribute("aria-selected", String(each === chosen));
    if (chosen) {
      input().setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else input().removeAttribute("aria-activedescendant");
  }

  function show(made, said) {
    const list = dialog().querySelector("[role=listbox]");
    made.forEach((each, number) => (each.id = `ck-search-${number}`));
    list.replaceChildren(...made);
    list.scrollTop = 0;
    input().setAttribute("aria-expanded", String(made.length > 0));
    choose(made[0]);
    const status = dialog().querySelector("[role=status]");
    if (status.textContent !== said) status.textContent = said;
  }

  async function update() {
    const asked = input().value.trim();
    if (!asked) return show([], "");
    let find;
    try {
      if (!window.coursekitSearch) show([], "Loading the search …");
      find = await load();
    } catch {
      return show([], "The search could not be loaded.");
    }
    if (asked !== input().value.trim()) return; // typed on in the meantime; that keystroke shows its own
    const { compounds, parts, forms } = window.coursekitRanking;
    const beginnings = compounds(asked).flatMap(parts).flatMap(forms).filter((word) => word.length > 1);
    const found = find(asked);
    const made = found.slice(0, PAGES).flatMap(({ page, section, others }) => [
      option(page, section, beginnings),
      ...others.slice(0, SECTIONS).map((other) => option(page, other, beginnings, true)),
    ]);
    const pages = found.length === 1 ? "1 page" : `${found.length} pages`;
    const shown = found.length > PAGES ? `, the best ${PAGES} are shown` : "";
    show(made, found.length ? `${pages} found${shown}.` : `Nothing found for “${asked}”. Try another word.`);
  }

  const slash = {
    get on() {
      try {
        return window.localStorage.getItem(KEY) === null;
      } catch {
        return true;
      }
    },
    set on(wanted) {
      try {
        if (wanted) window.localStorage.removeItem(KEY);
        else window.localStorage.setItem(KEY, "");
      } catch {
        // The browser keeps nothing; the key is as before on the next page.
      }
    },
  };

  function open() {
    load();
    dialog().querySelector(".ck-search-key").checked = slash.on;
    if (!dialog().open) dialog().showModal();
    input().select();
    input().focus();
  }

  const isWriting = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

  /** Whether a key pressed anywhere on the page opens the search. */
  function isShortcut(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) return event.key.toLowerCase() === "k";
    return event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && slash.on && !isWriting(event.target);
  }

  function onKey(event) {
    if (isShortcut(event)) {
      event.preventDefault();
      return open();
    }
    if (event.target !== input() || event.isComposing) return;
    const all = options();
    const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) choose(all[(at + step + all.length) % all.length]);
    else if (event.key === "Enter") all[at]?.click();
    else return;
    event.preventDefault();
  }

  function onClick(event) {
    const { target } = event;
    if (target.closest(".ck-search-open")) open();
    else if (target === dialog() || target.closest(".ck-search-close")) dialog().close();
    else if (target.closest(".ck-found") && !event.ctrlKey && !event.metaKey && !event.shiftKey) dialog().close();
  }

  if (!dialog()) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  dialog().addEventListener("input", (event) => {
    if (event.target === input()) update();
    else slash.on = event.target.checked;
  });
  const opener = document.querySelector(".ck-search-open");
  for (const touch of ["pointerenter", "focus"]) opener.addEventListener(touch, load, { once: true });
})();
