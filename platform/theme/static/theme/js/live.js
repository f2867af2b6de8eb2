// Live figures over a websocket. The element with data-live-url names the socket; each message is JSON:
//   {"text": {"calls_now": "12"}, "changed": ["calls"]}
// text replaces the text of every element with data-live="calls_now"; each name in changed fires "live:calls" on the body,
// so hx-trigger="live:calls from:body" fetches a fresh list. The connection comes back by itself with growing pauses.
const host = document.querySelector("[data-live-url]");
let pause = 500;
let wasLost = false;

function state(isOpen) {
  for (const mark of document.querySelectorAll("[data-live-mark]")) {
    mark.classList.toggle("is-open", isOpen);
    const text = isOpen ? mark.dataset.on : mark.dataset.off;
    if (mark.textContent !== text) mark.textContent = text;
  }
}

function put(key, text) {
  for (const element of document.querySelectorAll(`[data-live="${CSS.escape(key)}"]`)) {
    if (element.textContent === text) continue;
    element.textContent = text;
    element.classList.remove("is-changed");
    requestAnimationFrame(() => element.classList.add("is-changed"));
  }
}

function connect() {
  const url = new URL(host.dataset.liveUrl, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.addEventListener("open", () => {
    if (wasLost) document.body.dispatchEvent(new CustomEvent("live:reconnected"));
    wasLost = false;
    pause = 500;
    state(true);
  });
  socket.addEventListener("message", (event) => {
    let message;
    try { message = JSON.parse(event.data); } catch { return; }
    for (const [key, text] of Object.entries(message.text ?? {})) put(key, String(text));
    for (const name of message.changed ?? []) document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail: message }));
  });
  socket.addEventListener("close", () => {
    wasLost = true;
    state(false);
    // Up to half of the pause at random, so that a restarted server does not meet every browser in the same moment.
    setTimeout(connect, pause * (1 + Math.random() / 2));
    pause = Math.min(pause * 2, 30000);
  });
}

if (host) connect();
