// A form that asks this device for a passkey before it is sent. Without this script the page says what to do instead.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const told = document.querySelector("[data-passkey-told]");
  const say = (what) => {
    for (const line of told.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== what;
    told.hidden = false;
  };
  if (!window.PublicKeyCredential || !navigator.credentials) { say("unable"); return; }
  form.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const ask = async (options) => {
    options.challenge = bytes(options.challenge);
    for (const known of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) known.id = bytes(known.id);
    if (!options.user) return navigator.credentials.get({ publicKey: options });
    options.user.id = bytes(options.user.id);
    return navigator.credentials.create({ publicKey: options });
  };

  const written = (found) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (found.response[name]) response[name] = text(found.response[name]);
    }
    return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response, clientExtensionResults: {} });
  };

  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const { submitter } = event;
    if (submitter) submitter.disabled = true;
    try {
      form.elements.credential.value = written(await ask(JSON.parse(form.dataset.passkey)));
      form.submit();
    } catch (refused) {
      say(refused.name === "InvalidStateError" ? "known" : "refused");
      if (submitter) submitter.disabled = false;
    }
  });
})();
