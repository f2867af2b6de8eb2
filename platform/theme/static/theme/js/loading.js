// The thin bar on top while htmx waits for the server.
const bar = document.getElementById("loading-bar");
let waiting = 0;

document.addEventListener("htmx:beforeRequest", () => { waiting += 1; bar?.classList.add("is-loading"); });
document.addEventListener("htmx:afterRequest", () => {
  waiting = Math.max(waiting - 1, 0);
  if (!waiting) bar?.classList.remove("is-loading");
});
