/* What the theme and its widgets leave out for those who listen to a page or have no
   mouse. Where this script does not run, the page works as they made it. */
"use strict";

(() => {
  // The search fields for shops, customers and suppliers take their label away with
  // the select they replace.
  function nameSearchFields() {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const field = select.nextElementSibling?.querySelector(".select2-selection");
      const chosen = field?.querySelector(".select2-selection__rendered");
      if (!label || !field) continue;
      label.id ||= `${select.id}-label`;
      field.setAttribute("aria-labelledby", `${label.id} ${chosen?.id ?? ""}`.trim());
      // It repeats the field it is in, and would be a second one without a name.
      if (chosen?.getAttribute("role") === "textbox") {
        chosen.removeAttribute("role");
        chosen.removeAttribute("aria-readonly");
      }
    }
  }

  function headingOf(element) {
    const section = element.closest("section, details, form, main");
    return section?.querySelector("h2") ?? document.querySelector("h1");
  }

  // A table wider than its place is scrolled by the arrow keys, once it has the focus.
  function reachScrollers() {
    for (const box of document.querySelectorAll(".scroll:not([tabindex])")) {
      if (box.scrollWidth <= box.clientWidth) continue;
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      const heading = headingOf(box);
      if (heading) box.setAttribute("aria-label", heading.textContent.trim());
    }
  }

  function mend() {
    nameSearchFields();
    reachScrollers();
  }

  // Search fields are made in jQuery's own time, which may be later than the page's.
  window.addEventListener("load", () => {
    const inTurn = window.django?.jQuery ?? ((act) => act());
    inTurn(mend);
  });
  window.addEventListener("resize", reachScrollers);
  document.addEventListener("formset:added", () => window.setTimeout(nameSearchFields));
})();
