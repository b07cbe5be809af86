// The page of a post: "Copy link", and the comment form, where a reply opens in place, what is typed is kept until
// it is sent, and a double click sends once. Everything works without this script.
(() => {
  "use strict";

  // Browsers let pages copy only over https, and on loopback.
  const copy = document.querySelector("button.copy-link");
  if (copy && navigator.clipboard) {
    const status = copy.parentElement.querySelector("[role='status']");
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const canonical = document.querySelector("link[rel='canonical']");
      const address = canonical?.href ?? location.href.split("#")[0];
      try {
        await navigator.clipboard.writeText(address);
        status.textContent = copy.dataset.copied;
      } catch {
        // Refused: the address itself can be selected and copied.
        status.textContent = address;
      }
    });
  }

  const section = document.querySelector("#respond");
  const form = section?.querySelector("form.comment-form");
  if (!form) return;
  const { comment, parent } = form.elements;
  const heading = section.querySelector("h2");
  const home = document.createComment("form");
  section.before(home);
  const permalink = form.getAttribute("action").split("#")[0].replace(/respond$/, "");

  // The draft is kept in this tab, so that a slip, an error or a closed and reopened tab loses nothing.
  const KEY = `draft:${permalink}`;
  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  const kept = () => Array.from(form.elements).filter((field) =>
    field.name && field.type !== "submit" && !field.closest(".trap") &&
    (field.type !== "hidden" || field === parent));
  const key = (field) => (field.type === "radio" ? `${field.name}=${field.value}` : field.name);
  const load = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  };
  const save = (sent) => {
    try {
      if (comment.value.trim() === "") {
        sessionStorage.removeItem(KEY);
        return;
      }
      const fields = {};
      for (const field of kept()) fields[key(field)] = isBox(field) ? field.checked : field.value;
      sessionStorage.setItem(KEY, JSON.stringify({ sent, fields }));
    } catch {
      // The storage is full or switched off: the form itself still has the text.
    }
  };
  const forget = () => {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Without storage there is nothing to forget.
    }
  };

  const clear = () => {
    for (const old of section.querySelectorAll(".quoted, .cancel")) old.remove();
  };
  const reply = (item, link) => {
    clear();
    parent.value = item.id.slice("comment-".length);
    heading.textContent = link.getAttribute("aria-label");
    heading.dir = "auto";
    const line = document.createElement("p");
    line.className = "cancel";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link cancel-reply";
    button.textContent = section.dataset.cancel;
    line.append(button);
    heading.after(line);
    item.querySelector(":scope > article").after(section);
    save(false);
  };
  const cancel = () => {
    clear();
    parent.value = "";
    heading.textContent = section.dataset.title;
    home.after(section);
    // A reload must not bring back the reply that was cancelled.
    if (location.search.includes("replytocom=")) history.replaceState(null, "", permalink);
    save(false);
  };
  const show = () => {
    comment.focus({ preventScroll: true });
    section.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a.reply");
    const item = link?.closest("li[id^='comment-']");
    if (item) reply(item, link);
    else if (event.target.closest("#respond .cancel-reply")) cancel();
    else return;
    event.preventDefault();
    show();
  });

  form.addEventListener("input", () => save(false));
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 5000) {
      event.preventDefault();
      return;
    }
    sentAt = Date.now();
    save(true);
  });
  addEventListener("pageshow", () => { sentAt = 0; });

  const draft = load();
  if (draft?.sent && /^#comment-\d+$/.test(location.hash) && comment.value === "") {
    // The comment arrived: this page shows it.
    forget();
  } else if (comment.value !== "") {
    save(false);
  } else if (draft?.fields) {
    for (const field of kept()) {
      const value = draft.fields[key(field)];
      if (isBox(field)) field.checked = value ?? field.checked;
      else if (field.value === "" && field !== parent) field.value = value ?? "";
    }
    const id = draft.fields.parent;
    const item = id && parent.value === "" && document.getElementById(`comment-${id}`);
    const link = item && item.querySelector(":scope > article a.reply");
    if (link) reply(item, link);
    const note = document.createElement("p");
    note.className = "received";
    note.setAttribute("role", "status");
    note.textContent = section.dataset.kept;
    form.before(note);
  }
})();
