// The comment form: an answer opens in place, what is typed is kept until it was sent, and a double
// click sends once. Everything works without this.
(() => {
  "use strict";

  const section = document.querySelector("#respond");
  const form = section?.querySelector("form.comment-form");
  if (!form) return;
  const { comment, parent } = form.elements;
  const heading = section.querySelector("h2");
  const home = document.createComment("form");
  section.before(home);
  const permalink = form.getAttribute("action").split("#")[0].replace(/respond$/, "");

  // What is typed, kept for this tab: a slip, an error or a closed tab that is opened again does not
  // lose it.
  const KEY = `draft:${permalink}`;
  const FIELDS = ["author", "email", "url", "comment", "parent"];
  const load = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  };
  const keep = (sent) => {
    try {
      if (comment.value.trim() === "") {
        sessionStorage.removeItem(KEY);
        return;
      }
      const draft = { sent };
      for (const name of FIELDS) draft[name] = form.elements[name]?.value ?? "";
      sessionStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // No room or no storage: the form itself still has it.
    }
  };
  const forget = () => {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // There is nothing to forget then.
    }
  };

  const clear = () => {
    for (const old of section.querySelectorAll(".quoted, .cancel")) old.remove();
  };
  const answer = (item, link) => {
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
    keep(false);
  };
  const cancel = () => {
    clear();
    parent.value = "";
    heading.textContent = section.dataset.title;
    home.after(section);
    // The address asked for the answer that is cancelled: loaded again, it must not come back.
    if (location.search.includes("replytocom=")) history.replaceState(null, "", permalink);
    keep(false);
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
    if (item) answer(item, link);
    else if (event.target.closest("#respond .cancel-reply")) cancel();
    else return;
    event.preventDefault();
    show();
  });

  form.addEventListener("input", () => keep(false));
  let sending = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sending < 5000) {
      event.preventDefault();
      return;
    }
    sending = Date.now();
    keep(true);
  });
  addEventListener("pageshow", () => { sending = 0; });

  const draft = load();
  if (draft?.sent && /^#comment-\d+$/.test(location.hash) && comment.value === "") {
    // It arrived: this page shows it.
    forget();
  } else if (comment.value !== "") {
    keep(false);
  } else if (draft) {
    for (const name of FIELDS) {
      const field = form.elements[name];
      if (field && field.value === "" && name !== "parent") field.value = draft[name] ?? "";
    }
    const item = draft.parent && parent.value === "" && document.getElementById(`comment-${draft.parent}`);
    const link = item && item.querySelector(":scope > article a.reply");
    if (link) answer(item, link);
    const note = document.createElement("p");
    note.className = "received";
    note.setAttribute("role", "status");
    note.textContent = section.dataset.kept;
    form.before(note);
  }
})();
