/* Keys for lists and forms. None of them sends or decides anything: they move, tick,
   open and search; Ctrl+Enter presses a form's own Save. */
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("#result_list tbody tr")].filter(linkOf);
  const linkOf = (row) => row.querySelector("th a[href], td a[href]");
  const tickOf = (row) => row.querySelector('input[type="checkbox"]');
  const ticks = () => rows().map(tickOf).filter(Boolean);
  let lastTicked = null;

  function takesText(element) {
    if (!element) return false;
    if (element.isContentEditable || ["TEXTAREA", "SELECT"].includes(element.tagName)) return true;
    const plain = ["checkbox", "radio", "button", "submit", "reset"];
    return element.tagName === "INPUT" && !plain.includes(element.type);
  }

  function currentRow() {
    const row = document.activeElement && document.activeElement.closest("#result_list tbody tr");
    return row && linkOf(row) ? row : null;
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(currentRow());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    const row = all[Math.max(0, Math.min(next, all.length - 1))];
    linkOf(row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  // --- ticking ---

  function tell() {
    const boxes = ticks();
    const count = boxes.filter((box) => box.checked).length;
    const output = document.getElementById("ticked");
    if (output) output.value = String(count);
    const all = document.getElementById("tick-all");
    if (all) {
      all.checked = boxes.length > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
  }

  function tickAll(checked) {
    for (const box of ticks()) box.checked = checked;
    tell();
  }

  function tickRange(box) {
    const boxes = ticks();
    const from = boxes.indexOf(lastTicked);
    const to = boxes.indexOf(box);
    if (from < 0 || to < 0) return;
    for (const each of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      each.checked = box.checked;
    }
  }

  function tickCurrent() {
    const row = currentRow();
    const box = row && tickOf(row);
    if (!box) return;
    box.checked = !box.checked;
    lastTicked = box;
    tell();
  }

  function clicked(event) {
    const box = event.target;
    if (box.id === "tick-all") {
      tickAll(box.checked);
    } else if (ticks().includes(box)) {
      if (event.shiftKey) tickRange(box);
      lastTicked = box;
      tell();
    }
  }

  // --- keys ---

  function help() {
    const dialog = document.getElementById("keys-help");
    if (dialog && !dialog.open) dialog.showModal();
    return Boolean(dialog);
  }

  function save() {
    const button = document.querySelector('[type="submit"][name="_save"]');
    if (button) button.click();
    return Boolean(button);
  }

  function search() {
    const field = document.getElementById("searchbar");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  }

  const withoutModifier = {
    "/": search,
    "?": help,
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    x: tickCurrent,
  };

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const control = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (control && event.key === "Enter") {
      if (save()) event.preventDefault();
      return;
    }
    if (takesText(document.activeElement)) return;
    if (control && event.key.toLowerCase() === "a" && currentRow()) {
      const boxes = ticks();
      if (!boxes.length) return;
      event.preventDefault();
      tickAll(!boxes.every((box) => box.checked));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isArrow = event.key.startsWith("Arrow");
    // Arrows scroll the page until somebody is in the list.
    if (isArrow && !currentRow()) return;
    const act = Object.hasOwn(withoutModifier, event.key) && withoutModifier[event.key];
    if (!act || !document.getElementById("keys-help")) return;
    if (act() !== false) event.preventDefault();
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked);
  document.addEventListener("DOMContentLoaded", () => {
    tell();
    const button = document.getElementById("keys-help-open");
    if (button) button.addEventListener("click", help);
  });
  // Boxes stay ticked when the browser goes back to the list.
  window.addEventListener("pageshow", tell);
})();
