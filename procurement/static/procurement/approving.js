"use strict";

// A second click while the first is on its way does nothing. The server refuses it as
// well; this spares the person the refusal.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
}

// Coming back by the browser's own button shows the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Only one of the decisions that ask for more is open at a time.
const folds = document.querySelectorAll(".approving-buttons details");
for (const fold of folds) {
  fold.addEventListener("toggle", () => {
    if (!fold.open) return;
    for (const other of folds) if (other !== fold) other.open = false;
    fold.scrollIntoView({ block: "nearest" });
  });
}

// Where something was refused, the person goes on from there.
document.getElementById("approving-refusal")?.scrollIntoView({ block: "nearest" });
