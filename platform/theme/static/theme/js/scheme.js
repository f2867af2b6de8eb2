// Light, dark or as the device says. Runs in the head before the first paint, so the page never flashes the other scheme.
(() => {
  const KEY = "scheme";
  const root = document.documentElement;

  function read() {
    try { return localStorage.getItem(KEY) || "auto"; } catch { return "auto"; } // storage may be forbidden
  }

  function show(scheme) {
    if (scheme === "light" || scheme === "dark") root.dataset.scheme = scheme;
    else delete root.dataset.scheme;
    for (const button of document.querySelectorAll("[data-set-scheme]"))
      button.setAttribute("aria-pressed", String(button.dataset.setScheme === scheme));
  }

  show(read());
  document.addEventListener("DOMContentLoaded", () => show(read()));
  addEventListener("storage", (event) => { if (event.key === KEY) show(read()); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-set-scheme]");
    if (!button) return;
    try { localStorage.setItem(KEY, button.dataset.setScheme); } catch { /* shown for this page only */ }
    show(button.dataset.setScheme);
  });
})();
