// Keeps addresses short: a filter that is empty is not sent.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "filter-form") return;
  for (const field of event.target.elements) {
    if (field.name && !field.value) field.disabled = true;
  }
});

// Coming back with the browser's button shows the page as it was left: with the fields still off.
window.addEventListener("pageshow", () => {
  const form = document.getElementById("filter-form");
  for (const field of form ? form.elements : []) field.disabled = false;
});
