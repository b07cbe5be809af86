// Small helps for the staff's pages. Everything works without them.
(() => {
  "use strict";

  const form = document.querySelector("form.compose");
  if (form) {
    const body = form.querySelector("#body");
    const pane = form.querySelector("#preview");
    const target = form.querySelector("#preview-text");
    let timer = 0;
    let asked = 0;
    const refresh = async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(form.dataset.preview, {
          method: "POST",
          body: new URLSearchParams({ body: body.value }),
        });
        if (answer.ok && mine === asked) {
          // The server made this with its sanitiser; it is the same HTML that readers get.
          target.innerHTML = await answer.text();
          pane.hidden = body.value.trim() === "";
        }
      } catch {
        // No connection now: the next key tries again, and the Preview button stays.
      }
    };
    body.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, 300);
    });
    if (body.value.trim() !== "") refresh();

    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }

  const all = document.querySelector("[data-select-all]");
  if (all) {
    const boxes = () => document.querySelectorAll('form.queue input[name="id"]');
    all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  }
})();
