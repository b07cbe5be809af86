// Conveniences of the staff's pages. Everything works without them; the texts are the page's.
(() => {
  "use strict";

  const form = document.querySelector("form.compose");
  if (form) {
    const body = form.querySelector("#body");
    const pane = form.querySelector("#preview");
    const target = form.querySelector("#preview-text");
    const checks = form.querySelector("#checks");
    let timer = 0;
    let asked = 0;
    let typed = false;
    const refresh = async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(form.dataset.preview, {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams({ body: body.value }),
        });
        if (answer.ok && mine === asked) {
          const { html, checks: list } = await answer.json();
          if (mine !== asked) return;
          // The server made this with its sanitiser; it is the same HTML that readers get.
          target.innerHTML = html;
          pane.hidden = body.value.trim() === "";
          // What the import of pictures said stays until the text changes.
          if (typed || checks.hidden) checks.querySelector("#checks-list").innerHTML = list;
          checks.hidden = pane.hidden;
        } else if (answer.status === 429 && mine === asked) {
          timer = setTimeout(refresh, 5000);
        }
      } catch {
        // No connection now: the next key tries again, and the Preview button stays.
      }
    };
    body.addEventListener("input", () => {
      typed = true;
      clearTimeout(timer);
      timer = setTimeout(refresh, 300);
    });
    if (body.value.trim() !== "") refresh();

    // Files that are chosen, pasted or dropped go to the library, and their Markdown into the text.
    const tools = form.querySelector("[data-upload]");
    if (tools) {
      const textStatus = tools.querySelector("#upload-status");
      const insert = (markdown) => {
        const before = body.value.slice(0, body.selectionStart);
        const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
        body.setRangeText(`${gap}${markdown}\n\n`, body.selectionStart, body.selectionEnd, "end");
        body.dispatchEvent(new Event("input", { bubbles: true }));
      };
      const upload = async (files, place = (added) => insert(added.markdown), status = textStatus) => {
        const refused = [];
        for (const file of files) {
          status.textContent = tools.dataset.uploading;
          const fields = new FormData();
          fields.append("file", file);
          try {
            const answer = await fetch(tools.dataset.upload, {
              method: "POST",
              headers: { Accept: "application/json" },
              body: fields,
            });
            const result = await answer.json();
            result.added.forEach(place);
            refused.push(...result.refused);
          } catch {
            refused.push(tools.dataset.failed);
          }
        }
        status.textContent = refused.join(" ");
      };
      const choose = (attributes, use) => {
        const chooser = Object.assign(document.createElement("input"), { type: "file", ...attributes });
        chooser.addEventListener("change", () => use([...chooser.files]));
        chooser.click();
      };
      tools.querySelector("#add-media").addEventListener("click", () => choose({ multiple: true }, upload));
      // The featured picture, and how it looks; pages have none.
      const box = form.querySelector("[data-featured]");
      if (box) {
        const field = box.querySelector("#featured");
        const button = box.querySelector("#add-featured");
        const clear = () => box.querySelector("img")?.remove();
        field.addEventListener("input", clear);
        const feature = (added) => {
          field.value = added.id;
          clear();
          field.before(Object.assign(new Image(), { alt: "", src: added.address }));
          changed = true;
        };
        button.addEventListener("click", () => choose({ accept: button.dataset.accept }, (files) =>
          upload(files, feature, box.querySelector("#featured-status"))));
      }
      body.addEventListener("paste", (event) => {
        const files = [...event.clipboardData.files];
        // Office programs paste a picture of the text beside the text.
        if (files.length === 0 || event.clipboardData.getData("text/plain") !== "") return;
        event.preventDefault();
        upload(files);
      });
      body.addEventListener("dragover", (event) => {
        if (event.dataTransfer.types.includes("Files")) event.preventDefault();
      });
      body.addEventListener("drop", (event) => {
        const files = [...event.dataTransfer.files];
        if (files.length === 0) return;
        event.preventDefault();
        upload(files);
      });
    }

  }

  // Leaving a page asks first where a text was typed and not sent. A double click sends once.
  let changed = form?.dataset.unsaved !== undefined;
  document.addEventListener("input", (event) => {
    if (form?.contains(event.target) || event.target instanceof HTMLTextAreaElement) changed = true;
  });
  let sending = { form: null, at: 0 };
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    // A preview goes into its frame as often as somebody types; the page with its text stays.
    if (event.submitter?.formTarget) return;
    if (sending.form === event.target && Date.now() - sending.at < 5000) {
      event.preventDefault();
      return;
    }
    sending = { form: event.target, at: Date.now() };
    changed = false;
  });
  addEventListener("pageshow", () => { sending = { form: null, at: 0 }; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  // Single-letter keys can be switched off (WCAG 2.1.4): whoever speaks to their computer would press
  // them by talking. Kept in this browser.
  const SWITCH = "rejoinder-keys";
  const keysAreOn = () => {
    try {
      return localStorage.getItem(SWITCH) !== "off";
    } catch {
      return true;
    }
  };
  const showKeys = () => { document.documentElement.dataset.keys = keysAreOn() ? "on" : "off"; };
  showKeys();
  const keysSwitch = document.querySelector("[data-keys-switch]");
  if (keysSwitch) {
    keysSwitch.checked = keysAreOn();
    keysSwitch.closest("label").hidden = false;
    keysSwitch.addEventListener("change", () => {
      try {
        if (keysSwitch.checked) localStorage.removeItem(SWITCH);
        else localStorage.setItem(SWITCH, "off");
      } catch {
        // This browser stores nothing: the keys stay as they are.
        keysSwitch.checked = true;
      }
      showKeys();
    });
  }
  const isKey = (event) => keysAreOn()
    && !event.defaultPrevented && !event.repeat && !event.isComposing
    && !event.ctrlKey && !event.metaKey && !event.altKey
    && !event.target.closest?.("input:not([type=checkbox]), textarea, select");

  const all = document.querySelector("[data-select-all]");
  if (all) {
    const boxes = () => document.querySelectorAll('form.queue input[name="id"]');
    all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  }

  // The queue by keyboard. Every key presses a button or follows a link that the page has anyway.
  const queue = document.querySelector("form.queue[action='/queue/decisions']");
  if (queue && document.querySelector("#keys")) {
    const entries = () => [...queue.querySelectorAll("article.entry")];
    const actions = (entry) => queue.querySelector(`[data-for="${entry.dataset.id}"]`);
    const done = document.querySelector("#done");
    let current = null;
    let busy = Promise.resolve();
    let waiting = 0;

    // Leaves the focus where the pointer or the Tab key has put it, and scrolls nothing: a click that has
    // begun would be lost.
    const setCurrent = (entry) => {
      current?.classList.remove("current");
      current = entry;
      if (!entry) return;
      entry.classList.add("current");
      fetch("/queue/claims", { method: "POST", body: new URLSearchParams({ id: entry.dataset.id }) })
        .catch(() => {});
    };
    // Scrolling changes no current entry: it may be out of sight.
    const isSeen = (entry) => {
      const box = entry.getBoundingClientRect();
      const top = Math.max(0, done.getBoundingClientRect().bottom);
      const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, Math.min(top, innerHeight / 2));
      return seen >= Math.min(80, box.height);
    };
    const firstSeen = () => entries().find(isSeen) ?? entries()[0] ?? null;
    const moveTo = (entry) => {
      setCurrent(entry);
      entry?.focus({ preventScroll: true });
      entry?.scrollIntoView({ block: "nearest" });
    };
    const step = (by) => {
      const list = entries();
      if (list.length === 0) return;
      const at = current && isSeen(current) ? list.indexOf(current) + by : list.indexOf(firstSeen());
      moveTo(list[Math.min(Math.max(at, 0), list.length - 1)]);
    };
    const showResult = (text, batch) => {
      const box = document.createElement("div");
      box.className = "received";
      const line = document.createElement("p");
      line.textContent = `${text} `;
      box.append(line);
      if (batch) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = done.dataset.undo;
        button.dataset.batch = batch;
        button.addEventListener("click", () => undo());
        line.append(button);
      }
      done.replaceChildren(box);
    };
    const post = async (path, fields) => {
      const answer = await fetch(path, {
        method: "POST",
        keepalive: true,
        headers: { Accept: "application/json" },
        body: new URLSearchParams(fields),
      });
      if (answer.redirected) {
        location.assign(answer.url);
        return null;
      }
      if (answer.ok || answer.status === 409) return answer.json();
      throw new Error(String(answer.status));
    };
    const count = (by) => {
      const tab = document.querySelector('.tabs a[aria-current] .count');
      if (tab) tab.textContent = String(Math.max(0, Number(tab.textContent) + by));
    };
    // Loads the queue again, with what was done just now.
    const reloadAfter = (answer) => {
      const here = new URL(location.href);
      for (const name of ["done", "left", "none"]) here.searchParams.delete(name);
      here.hash = "";
      if (answer.moved > 0) here.searchParams.set("done", answer.batch);
      location.replace(here);
    };
    // One request after the other, so that no decision is lost to the one before it.
    const decide = (entry, key) => {
      const button = actions(entry)?.querySelector(`[data-key="${key}"]`);
      if (!button) return;
      const list = entries();
      const next = list[list.indexOf(entry) + 1] ?? list[list.indexOf(entry) - 1] ?? null;
      const buttons = actions(entry);
      const fields = { move: button.value, shown: queue.elements.shown.value };
      if (queue.elements.from) fields.from = queue.elements.from.value;
      entry.remove();
      buttons.remove();
      moveTo(next);
      waiting += 1;
      busy = busy.then(async () => {
        waiting -= 1;
        try {
          const answer = await post("/queue/decisions", fields);
          if (!answer) return;
          showResult(answer.text, answer.moved > 0 ? answer.batch : null);
          if (answer.moved > 0) count(-1);
          // The next page of the queue.
          if (entries().length === 0 && waiting === 0) reloadAfter(answer);
        } catch {
          location.reload();
        }
      });
    };
    const undo = () => {
      busy = busy.then(async () => {
        const batch = done.querySelector("[data-batch]")?.dataset.batch
          ?? done.querySelector("form.undo")?.elements.batch.value;
        if (!batch) return;
        const answer = await post("/queue/undo", { batch, shown: queue.elements.shown.value })
          .catch(() => ({ moved: 0 }));
        if (answer) reloadAfter(answer);
      });
    };
    const follow = (selector, hash) => {
      const link = current?.querySelector(selector);
      if (link) location.assign(link.getAttribute("href") + hash);
    };

    document.addEventListener("keydown", (event) => {
      if (!isKey(event)) return;
      const entry = current;
      // Nobody decides on what they do not see: the key shows the entry that it would have decided on.
      if (["a", "s", "d", "h", "x"].includes(event.key) && !(entry && isSeen(entry))) {
        moveTo(firstSeen());
        event.preventDefault();
        return;
      }
      switch (event.key) {
        case "j": step(1); break;
        case "k": step(-1); break;
        case "a": case "s": case "d": case "h": if (entry) decide(entry, event.key); break;
        case "u": undo(); break;
        case "x": {
          const box = entry?.querySelector('input[name="id"]');
          if (box) { box.checked = !box.checked; moveTo(entry); }
          break;
        }
        case "o": follow("a.history", ""); break;
        case "r": follow("a.history", "#reply"); break;
        case "e": follow("a.history", "#edit"); break;
        case "p": follow('a[href$="/person"]', ""); break;
        case "?": {
          const keys = document.querySelector("#keys");
          keys.open = !keys.open;
          keys.scrollIntoView({ block: "nearest" });
          break;
        }
        default: return;
      }
      event.preventDefault();
    });
    // A click decides as a key does, so that the page stays where it is. The entry goes, and the second
    // of two quick clicks would meet the next one.
    let clicked = -Infinity;
    queue.addEventListener("click", (event) => {
      const button = event.target.closest("[data-for] button[data-key]");
      if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const isSecond = event.detail > 1 || (event.detail === 1 && event.timeStamp - clicked < 400);
      if (isSecond) {
        event.preventDefault();
        return;
      }
      clicked = event.timeStamp;
      const { for: id } = button.closest("[data-for]").dataset;
      const entry = entries().find((one) => one.dataset.id === id);
      if (!entry) return;
      event.preventDefault();
      decide(entry, button.dataset.key);
    });
    queue.addEventListener("focusin", (event) => {
      const entry = event.target.closest("article.entry");
      if (entry && entry !== current) setCurrent(entry);
    });

    // Without scripts the focus is on the first button; with them a key there would decide unread. The
    // browser moves the focus there after this script, with its first frame.
    const leaveButton = () => {
      if (document.activeElement?.matches("[data-for] [autofocus]")) document.activeElement.blur();
    };
    leaveButton();
    requestAnimationFrame(leaveButton);

    // What other moderators do meanwhile.
    const live = async () => {
      const ids = entries().map((entry) => entry.dataset.id);
      if (document.hidden || ids.length === 0) return;
      try {
        const answer = await fetch(`/queue/live?ids=${ids.join(",")}`);
        if (!answer.ok) return;
        const responses = await answer.json();
        for (const entry of entries()) {
          const note = entry.querySelector(".claimed");
          const here = queue.elements.from?.value;
          const response = responses[entry.dataset.id];
          const moved = here && response?.state !== here;
          const text = moved ? (response?.decided ?? queue.dataset.gone) : (response?.claimed ?? "");
          entry.classList.toggle("moved", Boolean(moved));
          note.textContent = text;
          note.hidden = text === "";
        }
      } catch {
        // No connection now: the next request tries again.
      }
    };
    setInterval(live, 5000);
    queue.dataset.keys = "on";
  }

  const unfold = (details) => {
    details.open = true;
    details.querySelector("textarea")?.focus();
  };

  // The same keys on the page of a single response.
  const single = document.querySelector("form.queue.single");
  if (single) {
    document.addEventListener("keydown", (event) => {
      if (!isKey(event)) return;
      const button = ["a", "s", "d", "h"].includes(event.key)
        && single.querySelector(`button[data-key="${event.key}"]`);
      const details = { r: "#reply", e: "#edit" }[event.key];
      const folded = details && document.querySelector(details);
      if (button) button.click();
      else if (folded) unfold(folded);
      else if (event.key === "p") document.querySelector("a.person")?.click();
      else return;
      event.preventDefault();
    });
    single.dataset.keys = "on";
  }

  // A link to a folded form opens it.
  const target = /^#[a-z-]+$/.test(location.hash) && document.querySelector(location.hash);
  if (target instanceof HTMLDetailsElement) unfold(target);
})();
