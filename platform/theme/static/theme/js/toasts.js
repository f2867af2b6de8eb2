// Toasts come from the server (as messages, also out of band with htmx). Good news leaves by itself, the rest stays.
const LINGER = 7000;

function settle(root) {
  for (const toast of root.querySelectorAll(".toast[data-leaves]:not([data-counting])")) {
    toast.dataset.counting = "";
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), LINGER); };
    const stop = () => clearTimeout(timer);
    for (const [name, action] of [["mouseenter", stop], ["mouseleave", start], ["focusin", stop], ["focusout", start]])
      toast.addEventListener(name, action);
    start();
  }
}

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".toast").remove());
document.addEventListener("htmx:oobAfterSwap", () => settle(document));
document.addEventListener("htmx:load", () => settle(document));
settle(document);

// A failed request changes nothing on the page, so say it: the sentence waits, translated, in a <template>.
function failed() {
  const toast = document.getElementById("request-failed")?.content.firstElementChild.cloneNode(true);
  const region = document.getElementById("toasts");
  if (toast && region && !region.querySelector("[data-request-failed]")) region.append(toast);
}
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
