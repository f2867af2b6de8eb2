// Running durations: <time data-elapsed="42"> counts on from the server's 42 seconds; the device's clock does not matter.
const started = new WeakMap();

function pad(value) { return String(value).padStart(2, "0"); }

function tick() {
  for (const element of document.querySelectorAll("[data-elapsed]")) {
    if (!started.has(element)) started.set(element, performance.now() - Number(element.dataset.elapsed) * 1000);
    const seconds = Math.floor((performance.now() - started.get(element)) / 1000);
    const text = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
    if (element.textContent !== text) element.textContent = text;
  }
}

setInterval(tick, 1000);
