// A double click is one action: once a form of a case is sent, its button is off until the next page is there.
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".case-form")) return;
  for (const button of event.target.querySelectorAll("button:not([type=button])")) button.disabled = true;
});

// Coming back with the browser's button shows the page as it was left.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".case-form button")) button.disabled = false;
});
