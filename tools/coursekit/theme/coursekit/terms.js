// Shows what a term of the glossary means, beside the word: when the mouse rests on it, when it has the focus, and at the
// first tap (a second one follows the link). Without JavaScript the word is a link to its entry in the glossary.
(() => {
  "use strict";

  const tip = document.createElement("div");
  tip.className = "ck-tip";
  tip.id = "ck-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;

  let shown = null; // the word it belongs to
  let waiting = 0;

  function show(word) {
    clearTimeout(waiting);
    if (shown === word) return;
    hide();
    shown = word;
    tip.textContent = word.dataset.ckMeaning;
    word.setAttribute("aria-describedby", tip.id);
    (word.closest("main") ?? document.body).append(tip); // in a landmark, and outside of the text
    tip.hidden = false;
    place(word.getClientRects()[0]);
  }

  /** Below the word, and above it where there is no room; never beyond the page's sides. */
  function place(box) {
    const { clientWidth, clientHeight } = document.documentElement;
    const left = Math.max(8, Math.min(box.left, clientWidth - tip.offsetWidth - 8));
    const fits = box.bottom + tip.offsetHeight < clientHeight;
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${(fits ? box.bottom : box.top - tip.offsetHeight) + window.scrollY}px`;
  }

  function hide() {
    clearTimeout(waiting);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  const later = (action, delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(action, delay);
  };
  const wordOf = (event) => event.target.closest?.(".ck-term");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const word = wordOf(event);
    if (word) later(() => show(word), 200);
    else if (shown && event.target.closest(".ck-tip")) clearTimeout(waiting); // it may be read and copied
    else if (document.activeElement === shown && shown) clearTimeout(waiting);
    else later(hide, 200);
  });
  document.addEventListener("focusin", (event) => (wordOf(event) ? show(wordOf(event)) : hide()));
  document.addEventListener("focusout", (event) => wordOf(event) && hide());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  let wasShown = null; // for which word, when the finger came down: the focus comes before the click
  document.addEventListener("pointerdown", (event) => (wasShown = event.pointerType === "touch" ? { word: shown } : null), true);
  document.addEventListener("click", (event) => {
    const word = wordOf(event);
    if (!word) return event.target.closest(".ck-tip") ? undefined : hide();
    if (wasShown && wasShown.word !== word) {
      event.preventDefault();
      event.stopPropagation(); // Material's instant navigation would follow it all the same
      show(word);
    } else hide();
  }, true);
})();
