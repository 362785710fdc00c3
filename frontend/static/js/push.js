/** Being told at once in this browser: asked for only after a click, beneath the words that say what it is. */

export function start(form) {
  const button = form.querySelector("button");
  button.addEventListener("click", async () => {
    button.disabled = true;
    tell(form, "");
    const words = await turnOn(form).catch(() => "This browser could not subscribe. Its push service may be out of reach.");
    if (words) tell(form, words);
    button.disabled = false;
  });
  button.disabled = false; // From now on a click is heard.
}

/** Ask the browser, subscribe, and send the form; or return why that cannot be. */
async function turnOn(form) {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) {
    return "This browser cannot be told. On an iPhone or iPad, first add this site to the Home Screen, and open it there.";
  }
  const permission = await Notification.requestPermission();
  if (permission === "denied") {
    return "This browser does not let this site show notifications. You can allow them beside the address, or in its settings.";
  }
  if (permission !== "granted") return "You have not allowed notifications, so nothing was changed.";
  const worker = await register();
  form.elements.subscription.value = JSON.stringify(await subscribe(worker.pushManager, bytes(form.dataset.key)));
  form.submit();
  return "";
}

async function register() {
  await navigator.serviceWorker.register("/service-worker.js", { scope: "/" });
  return navigator.serviceWorker.ready;
}

/** A browser subscribes to one key; an older one of ours is given up. */
async function subscribe(manager, key) {
  const wish = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await manager.subscribe(wish);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    const old = await manager.getSubscription();
    await old?.unsubscribe();
    return manager.subscribe(wish);
  }
}

function tell(form, words) {
  const place = form.querySelector(".refused");
  place.hidden = !words;
  place.textContent = words;
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.codePointAt(0));
