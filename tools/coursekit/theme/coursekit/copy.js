// Beside the link to a page's Markdown, a button that copies it. Without JavaScript, and from disk, where a page may
// read no other file, the link remains.
(() => {
  "use strict";

  async function text(address) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${response.status}`);
    return new Blob([await response.text()], { type: "text/plain" });
  }

  function offer(link) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy as Markdown";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        // The promise goes in as it is: a browser that asks for a click would not wait for the file.
        await navigator.clipboard.write([new ClipboardItem({ "text/plain": text(link.href) })]);
        said.textContent = "Copied.";
      } catch {
        said.textContent = "Not copied: open the link and copy from there.";
      }
    });
    link.before(button, " ");
    link.after(" ", said);
  }

  function start() {
    if (!location.protocol.startsWith("http") || !navigator.clipboard?.write) return;
    for (const link of document.querySelectorAll("[data-ck-copy]:not([data-ready])")) {
      link.dataset.ready = "";
      offer(link);
    }
  }

  if (window.document$) window.document$.subscribe(start);
  else start();
})();
