/* Follows a run that is under way: asks for its figures, and loads the page anew once
   it is over. Without this script the page says how to load it again. */
(() => {
  "use strict";

  const FIRST_WAIT = 1000;
  const LONGEST_WAIT = 10000;
  const SPEAK_EVERY = 15000;

  const card = document.querySelector("[data-run]");
  if (!card) return;
  const bar = card.querySelector("progress");
  const said = card.querySelector("[data-run-said]");
  const spoken = card.querySelector("[data-run-spoken]");
  const state = card.querySelector("[data-run-state] .badge");
  let wait = FIRST_WAIT;
  let spokenAt = Date.now();

  const show = (run) => {
    if (run.percent === null) bar.removeAttribute("value");
    else bar.value = run.percent;
    const moved = said.textContent !== run.said;
    said.textContent = run.said;
    state.textContent = run.state;
    state.className = `badge badge-${run.tone}`;
    // Each figure read aloud would be noise.
    if (Date.now() - spokenAt > SPEAK_EVERY) {
      spoken.textContent = run.said;
      spokenAt = Date.now();
    }
    wait = moved ? FIRST_WAIT : Math.min(wait * 1.5, LONGEST_WAIT);
  };

  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(card.dataset.run, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const run = await answer.json();
        if (run.is_over) {
          window.location.reload();
          return;
        }
        show(run);
      } catch {
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
    window.setTimeout(look, wait);
  };

  window.setTimeout(look, FIRST_WAIT);
})();
