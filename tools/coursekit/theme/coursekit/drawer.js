// The menu of a narrow window, by keyboard. Material opens it with a label, which keys do not reach, and leaves the links
// of the closed menu among those that Tab goes through, out of sight. Without JavaScript the label stays.
(() => {
  "use strict";

  const toggle = document.getElementById("__drawer");
  const label = document.querySelector("label.md-header__button[for=__drawer]");
  if (!toggle || !label) return;

  const button = document.createElement("button");
  button.type = "button";
  button.className = `${label.className} ck-menu`;
  button.setAttribute("aria-label", "Menu");
  button.setAttribute("aria-expanded", String(toggle.checked));
  button.append(...label.childNodes);
  label.replaceWith(button);

  const isShown = (part) => part.offsetWidth > 0 && getComputedStyle(part).visibility === "visible";

  function enter(panel) {
    [...(panel?.querySelectorAll("a[href], label[tabindex]") ?? [])].find(isShown)?.focus({ preventScroll: true });
  }

  function close() {
    if (toggle.checked) toggle.click();
  }

  button.addEventListener("click", () => toggle.click());
  toggle.addEventListener("change", () => {
    button.setAttribute("aria-expanded", String(toggle.checked));
    if (toggle.checked) enter(document.querySelector(".md-sidebar--primary"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !toggle.checked) return;
    close();
    button.focus();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target !== button && !target.closest(".md-sidebar--primary")) close();
  });

  // A session's modules slide over the list of sessions: the focus goes with them, and back.
  document.addEventListener("change", ({ target }) => {
    if (!toggle.checked || !target.matches(".md-sidebar--primary .md-nav__toggle")) return;
    const item = target.parentElement;
    if (target.checked) enter(item.querySelector(":scope > .md-nav"));
    else item.querySelector("label.md-nav__link")?.focus({ preventScroll: true });
  });

  function start() {
    for (const back of document.querySelectorAll(".md-sidebar--primary .md-nav .md-nav label.md-nav__title")) back.tabIndex = 0;
  }
  // Under instant navigation the header stays, and the menu is another.
  if (window.document$) window.document$.subscribe(start);
  else start();
})();
