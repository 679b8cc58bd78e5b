// On the page for an address that leads nowhere: the pages with the addresses that look most like it.
(() => {
  "use strict";

  const MOST = 3;
  const ALIKE = 0.5; // of the pairs of letters; below that a suggestion is a guess
  const { base, pages } = JSON.parse(document.getElementById("ck-addresses").textContent);

  const plain = (text) => text.toLowerCase().replace(/(\/(index|readme))?(\.html?|\.md)?\/*$/, "").replace(/[^\p{L}\p{N}/]+/gu, " ");
  const last = (text) => text.slice(text.lastIndexOf("/") + 1);

  function pairs(text) {
    return new Set([...text].map((letter, at, all) => letter + (all[at + 1] ?? "")));
  }

  // Twice what two texts share, by what both have: 1 for the same pairs of letters, 0 for none.
  function likeness(one, two) {
    const [first, second] = [pairs(one), pairs(two)];
    return (2 * [...first].filter((pair) => second.has(pair)).length) / (first.size + second.size || 1);
  }

  function asked() {
    const path = location.pathname;
    const below = path.startsWith(base) ? path.slice(base.length) : path;
    try {
      return plain(decodeURIComponent(below).replace(/^\/+/, ""));
    } catch {
      return plain(below); // a % that encodes nothing
    }
  }

  function nearest(wanted) {
    const found = new Map();
    for (const { address, url, title } of pages) {
      const known = plain(address);
      const score = Math.max(likeness(wanted, known), likeness(last(wanted), last(known)));
      if (score >= ALIKE && score > (found.get(url)?.score ?? 0)) found.set(url, { score, title });
    }
    return [...found].sort((one, two) => two[1].score - one[1].score).slice(0, MOST);
  }

  const box = document.getElementById("ck-nearest");
  for (const [url, { title }] of nearest(asked())) {
    const link = document.createElement("a");
    link.href = base + url;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    box.querySelector("ul").append(item);
    box.hidden = false;
  }
})();
