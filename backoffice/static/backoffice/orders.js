// A press on a suggested tag puts it into the field, or takes it out again.
document.addEventListener("click", (event) => {
  const tag = event.target.closest?.("[data-tag]")?.dataset.tag;
  const field = document.getElementById("handling_tags");
  if (!tag || !field) return;
  const present = field.value.split(",").map((one) => one.trim()).filter(Boolean);
  const others = present.filter((one) => one.toLowerCase() !== tag);
  field.value = (others.length < present.length ? others : [...present, tag]).join(", ");
  field.focus();
});
