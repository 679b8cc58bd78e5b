// Remembers in this browser what a student has ticked off and where she was, and shows it on every page.
// Each task is an entry of its own in localStorage, so two tabs cannot overwrite each other. Nothing leaves the browser.
(() => {
  "use strict";

  const course = window.coursekit;
  if (!course) return; // another site's page, or the data did not load
  const base = new URL("..", document.currentScript.src);
  const prefix = `coursekit/${course.course}/`;
  const LAST = `${prefix}/last`; // what begins with a slash is no task
  const FORMAT = "coursekit progress";
  const tasksOf = (module) => [...module.exercises, ...module.questions].map((id) => `${module.name}/${id}`);

  // What the browser refuses (private windows, a full store, cookies blocked) switches progress off and harms nothing.
  let broken = "";
  function storage(action) {
    try {
      if (window.localStorage.standIn) throw new DOMException("", "SecurityError");
      return action(window.localStorage);
    } catch (error) {
      broken = error.name === "QuotaExceededError" ? "the browser's store for this site is full" : "the browser forbids it";
      return undefined;
    }
  }

  const store = {
    get off() {
      return broken;
    },
    has: (task) => storage((local) => local.getItem(prefix + task)) != null,
    /** Ticks a task on or off; whether the browser has kept it. */
    set(task, done) {
      broken = "";
      storage((local) => {
        if (done) local.setItem(prefix + task, new Date().toISOString());
        else local.removeItem(prefix + task);
      });
      refresh();
      return !broken;
    },
    all() {
      const keys = storage((local) => Object.keys(local)) ?? [];
      const tasks = keys.filter((key) => key.startsWith(prefix) && key[prefix.length] !== "/").sort();
      return Object.fromEntries(tasks.map((key) => [key.slice(prefix.length), storage((local) => local.getItem(key))]));
    },
  };

  /** What was done in a module before it was renamed, under the name that it has now. */
  function adopt() {
    for (const module of course.modules.filter((each) => each.was)) {
      for (const task of tasksOf(module)) {
        for (const former of module.was.map((name) => task.replace(module.name, () => name)).filter(store.has)) {
          storage((local) => {
            if (!store.has(task)) local.setItem(prefix + task, local.getItem(prefix + former));
            local.removeItem(prefix + former);
          });
        }
      }
    }
  }

  const count = (modules) => {
    const tasks = modules.flatMap(tasksOf);
    return { done: tasks.filter(store.has).length, total: tasks.length };
  };
  const coreOf = (slug) => course.modules.filter((module) => module.core && module.session === slug);
  const known = (name) => course.modules.find((module) => module.name === name || module.was?.includes(name));

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // Marks: in the navigation a sign, elsewhere a bar with the numbers in words.

  function mark(holder) {
    const { ckModule, ckSession } = holder.dataset;
    const { done, total } = count(ckModule ? [known(ckModule)].filter(Boolean) : coreOf(ckSession));
    if (store.off || total === 0) return holder.replaceChildren();
    const words = `${done} of ${total}${ckSession ? " core" : ""} done`;
    if (holder.classList.contains("ck-done")) {
      holder.classList.toggle("ck-all-done", done === total);
      const sign = element("span", { "aria-hidden": "true" }, done === total ? "✓" : `${done}/${total}`);
      return holder.replaceChildren(...(done ? [sign, element("span", { class: "ck-hidden" }, `, ${words}`)] : []));
    }
    const bar = element("progress", { max: total, value: done, "aria-label": words });
    return holder.replaceChildren(bar, element("span", {}, words));
  }

  // On a module's page: a box for each exercise.

  function tick(heading, task) {
    const box = element("input", { type: "checkbox" });
    const line = element("p", { class: "ck-tick", "data-ck-task": task, "data-search-exclude": "" });
    line.append(element("label", {}, box, " Done"), element("span", { role: "status" }));
    box.addEventListener("change", () => {
      const kept = store.set(task, box.checked);
      line.querySelector("[role=status]").textContent = kept ? "" : ` Not kept: ${store.off}.`;
      remember(task);
    });
    heading.after(line);
  }

  function remember(task) {
    storage((local) => local.setItem(LAST, JSON.stringify({ task, when: new Date().toISOString() })));
  }

  function startModule(module) {
    if (!document.querySelector(".ck-tick") && !store.off) {
      for (const heading of document.querySelectorAll("h3.ck-exercise")) {
        tick(heading, `${module.name}/${heading.id}`);
      }
    }
    if (known(last()?.task.split("/")[0]) !== module) remember(`${module.name}/`);
  }

  // Where to go on: the first open task of the module that was visited last, else of the next one that is open.

  function last() {
    try {
      const found = JSON.parse(storage((local) => local.getItem(LAST)) ?? "null");
      return typeof found?.task === "string" ? found : null;
    } catch {
      return null; // damaged: as if there were none
    }
  }

  function next() {
    const from = course.modules.indexOf(known(last()?.task.split("/")[0]));
    if (from < 0) return null;
    const order = [...course.modules.slice(from), ...course.modules.slice(0, from)];
    const isOpen = (module) => count([module]).done < count([module]).total;
    const module = order.find((each) => isOpen(each) && (each.core || each === order[0])) ?? order.find(isOpen);
    if (!module) return null;
    const task = count([module]).done ? tasksOf(module).find((each) => !store.has(each)) : "";
    return { module, id: task.split("/")[1] ?? "" };
  }

  const starts = new WeakMap(); // what the page says to those who have not begun

  function showNext(holder) {
    if (!starts.has(holder)) starts.set(holder, [...holder.childNodes]);
    const found = next();
    if (!found) return holder.replaceChildren(...starts.get(holder));
    const { module, id } = found;
    const number = module.exercises.indexOf(id) + 1;
    const where = number ? `, exercise ${module.label}.${number}` : id ? ", knowledge check" : "";
    const link = element("a", {
      class: "md-button md-button--primary",
      href: new URL(module.url + (id ? `#${id}` : ""), base),
    });
    link.append(`Continue: ${module.label} ${module.title}${where}`);
    const core = count(course.modules.filter((each) => each.core));
    const words = `${core.done} of ${core.total} core tasks done`;
    holder.replaceChildren(link, " ", element("span", { class: "ck-fact" }, words));
  }

  // Taking it along: a file that another browser reads.

  function exported() {
    const saved = { format: FORMAT, version: 1, course: course.course, saved: new Date().toISOString(), done: store.all() };
    return JSON.stringify(saved, null, 2);
  }

  /** The tasks in a file, or an Error whose message says why it is refused. */
  function read(text) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw new Error("it is damaged, or no progress file at all");
    }
    if (file?.format !== FORMAT) throw new Error("it is no progress file");
    if (file.version !== 1) throw new Error("it comes from a newer version of this site");
    if (file.course !== course.course) throw new Error(`it belongs to another course, ${file.course}`);
    const isTask = ([task, when]) => /^[^/\s]{1,99}\/[^/\s]{1,199}$/.test(task) && !Number.isNaN(Date.parse(when));
    const done = file.done && typeof file.done === "object" ? Object.entries(file.done) : null;
    if (!done?.every(isTask)) throw new Error("its list of tasks is damaged");
    return done;
  }

  function load(text) {
    const added = read(text).filter(([task]) => !store.has(task));
    broken = "";
    storage((local) => {
      const written = [];
      try {
        for (const [task, when] of added) {
          local.setItem(prefix + task, when);
          written.push(task);
        }
      } catch (error) {
        for (const task of written) local.removeItem(prefix + task); // all or nothing
        throw error;
      }
    });
    if (broken) throw new Error(broken);
    adopt();
    return added.length;
  }

  const actions = {
    export() {
      const url = URL.createObjectURL(new Blob([exported()], { type: "application/json" }));
      element("a", { href: url, download: "course-progress.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      return "Saved as course-progress.json.";
    },
    async import(input) {
      const [file] = input.files;
      if (!file) return "";
      try {
        const added = load(await file.text());
        return `Loaded ${file.name}: ${added} added. What you had done already is kept.`;
      } catch (error) {
        return `${file.name} was not loaded: ${error.message}. Nothing has been changed.`;
      } finally {
        input.value = "";
      }
    },
    clear() {
      const tasks = Object.keys(store.all());
      if (!window.confirm(`Forget all progress in this browser (${tasks.length} tasks)? Save it to a file first if in doubt.`)) {
        return "Nothing has been cleared.";
      }
      storage((local) => [...tasks.map((task) => prefix + task), LAST].forEach((key) => local.removeItem(key)));
      return "Cleared.";
    },
  };

  function startOwn(panel) {
    const off = panel.querySelector(".ck-off");
    off.hidden = !store.off;
    if (store.off) off.textContent = `Progress is off, because ${store.off}.`;
    for (const part of panel.querySelectorAll(".ck-scroll, .ck-controls")) part.hidden = Boolean(store.off);
    for (const control of panel.querySelectorAll("[data-ck-do]")) {
      control.addEventListener(control.type === "file" ? "change" : "click", async () => {
        const said = await actions[control.dataset.ckDo](control);
        panel.querySelector("[role=status]").textContent = said;
        refresh();
      });
    }
  }

  function refresh() {
    document.querySelectorAll(".ck-done, .ck-bar").forEach(mark);
    document.querySelectorAll(".ck-continue").forEach(showNext);
    for (const line of document.querySelectorAll(".ck-tick")) {
      line.querySelector("input").checked = store.has(line.dataset.ckTask);
    }
    document.dispatchEvent(new Event("coursekit:progress"));
  }

  function start() {
    storage((local) => local.setItem(`${prefix}/try`, "")); // finds out whether the browser keeps anything
    adopt();
    const module = known(document.querySelector("[data-ck-page]")?.dataset.ckPage);
    if (module) startModule(module);
    document.querySelectorAll(".ck-own:not([data-ready])").forEach((panel) => {
      panel.dataset.ready = "";
      startOwn(panel);
    });
    const header = document.querySelector("[data-ck-page] .ck-bar");
    refresh();
    if (store.off && header) header.textContent = `Progress is off, because ${store.off}.`;
  }

  course.store = store;
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(prefix)) refresh();
  });
  // Material's stream of pages, if there is one: under instant navigation a page comes without a script being run.
  if (window.document$) window.document$.subscribe(start);
  else start();
})();
