/* The preview of the site's look follows what is typed: it presses the form's own button. */
(() => {
  "use strict";
  const button = document.querySelector("[data-preview-button]");
  const form = button?.form;
  if (!form) return;
  let waiting = 0;
  const show = () => {
    const old = document.querySelector("iframe[name=design-preview]");
    if (!old) return;
    // A new frame each time: going to its first page adds nothing to the history of the browser.
    const frame = old.cloneNode();
    frame.removeAttribute("src");
    old.replaceWith(frame);
    form.requestSubmit(button);
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
})();
