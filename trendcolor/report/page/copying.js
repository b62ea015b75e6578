/* Buttons that copy a color's code: [data-copy] holds it, [data-copied] says what was done.
   Without this script the buttons are hidden, and the code beside them can be selected. */
(() => {
  "use strict";

  const LONG = 1600; // milliseconds that a button says so
  const live = document.querySelector("[data-copy-live]");

  function byHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!(await copy(button.dataset.copy))) return;
      button.focus();
      button.textContent = button.dataset.copied;
      live.textContent = `${button.dataset.copied}: ${button.dataset.copy}`;
      setTimeout(() => { button.textContent = label; }, LONG);
    });
  }
})();
