/** Passkeys: the browser asks for a fingerprint, face or PIN, and a form carries what it says to the server. */

const isKnown = () => Boolean(globalThis.PublicKeyCredential && navigator.credentials);

export function start(form) {
  if (form.dataset.behaviour === "passkey-add") startAdding(form);
  else startSignIn(form);
}

/** The form of the sign-in page, hidden where the browser knows no passkeys. */
function startSignIn(form) {
  if (!isKnown()) return;
  form.hidden = false;
  whenClicked(form, async () => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" }, cache: "no-store" });
    const { request_options: options } = await answer.json();
    form.elements.computer.value = document.querySelector("#sign-in [name=computer]:checked")?.value ?? "own";
    return navigator.credentials.get({ publicKey: readable(options.publicKey) });
  });
}

/** The form that adds a passkey. It must do without a name or password: so the device keeps it, behind a PIN or finger. */
function startAdding(form) {
  if (!isKnown()) return tell(form, "This browser knows no passkeys.");
  whenClicked(form, () => {
    const { publicKey } = JSON.parse(document.getElementById("passkey-options").textContent);
    publicKey.authenticatorSelection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    return navigator.credentials.create({ publicKey: readable(publicKey) });
  });
}

function whenClicked(form, ask) {
  const button = form.querySelector("button");
  button.addEventListener("click", async () => {
    tell(form, "");
    try {
      form.elements.credential.value = JSON.stringify(written(await ask()));
      form.submit();
    } catch (error) {
      tell(form, error.name === "InvalidStateError" ? "This device has a passkey for you already." : "That did not work, or was cancelled.");
    }
  });
  button.disabled = false; // From now on a click is heard.
}

function tell(form, words) {
  const place = form.querySelector(".refused");
  place.hidden = !words;
  place.textContent = words;
}

/** The server's question with bytes where the browser wants bytes. */
function readable(options) {
  const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const question = { ...options, challenge: bytes(options.challenge) };
  if (options.user) question.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) question.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) question.allowCredentials = known(options.allowCredentials);
  return question;
}

/** The browser's answer as the server reads it. */
function written(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: parts,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

const bytes = (words) => Uint8Array.from(atob(words.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.codePointAt(0));

const text = (buffer) =>
  btoa(String.fromCodePoint(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
