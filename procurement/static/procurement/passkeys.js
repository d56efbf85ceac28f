/* Making and using a passkey: asks the browser, and sends what it answers as a form. */
"use strict";

(function () {
  function options(form) {
    return JSON.parse(document.getElementById(form.dataset.options).textContent);
  }

  async function ask(form) {
    const told = options(form);
    if (form.dataset.passkey === "create") {
      return window.webauthnJSON.create(told.creation_options);
    }
    return window.webauthnJSON.get(told.request_options);
  }

  function show(form, name, isShown) {
    form.querySelector(`[data-${name}]`).hidden = !isShown;
  }

  function prepare(form) {
    const button = form.querySelector("button");
    if (!window.webauthnJSON || !window.webauthnJSON.supported()) {
      show(form, "unable", true);
      button.disabled = true;
      return;
    }
    let isAsking = false;
    async function act() {
      if (isAsking) {
        return;
      }
      isAsking = true;
      show(form, "failed", false);
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        HTMLFormElement.prototype.submit.call(form);
      } catch (error) {
        show(form, "failed", true);
      } finally {
        isAsking = false;
      }
    }
    button.addEventListener("click", act);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(prepare);
})();
