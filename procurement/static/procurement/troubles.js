/* Copies the text of a field that a button names; ticks all rows of a table. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const status = document.querySelector("[data-copy-status]");
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Browsers give the clipboard to secure pages alone.
    field.focus();
    field.select();
    document.execCommand("copy");
  }
  status.textContent = button.dataset.copied;
});

for (const all of document.querySelectorAll("[data-tick-all]")) {
  // Without this file it would tick nothing, so it is hidden until now.
  all.hidden = false;
  all.addEventListener("change", () => {
    const boxes = all.closest("table").querySelectorAll("tbody [name=trouble]");
    for (const box of boxes) box.checked = all.checked;
  });
}
