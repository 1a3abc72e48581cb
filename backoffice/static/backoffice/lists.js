/* Moves columns in a list of choices, opens the dialog of saved views, and asks before a dangerous action is done. */
"use strict";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  const mover = event.target.closest("[data-move]");
  if (mover) {
    const item = mover.closest("li");
    const isLater = mover.dataset.move === "1";
    const next = isLater ? item.nextElementSibling : item.previousElementSibling;
    if (next && next.querySelector("[data-move]")) next[isLater ? "after" : "before"](item); // the first may be fixed
    mover.focus();
    item.scrollIntoView({ block: "nearest" });
  }
});

// On a phone the chips are one line that scrolls.
document.addEventListener("DOMContentLoaded", () => {
  const chip = document.querySelector(".chip-active");
  if (chip) chip.parentElement.scrollLeft = chip.offsetLeft - chip.parentElement.offsetLeft - 16;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  let question = form.dataset.confirm;
  if (form.id === "changelist-form") {
    const chosen = form.querySelector("select[name=action]");
    const dangerous = document.getElementById("dangerous-actions");
    if (chosen && dangerous && JSON.parse(dangerous.textContent).includes(chosen.value)) {
      question = `${chosen.selectedOptions[0].text.trim()}: do this to all selected rows?`;
    }
  }
  if (question && !window.confirm(question)) event.preventDefault();
});
