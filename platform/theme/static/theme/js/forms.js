// Forms: send once, show a password, put the keyboard where the error is, apply filters as they change.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back from the browser's page cache, or answered by htmx: the form may be sent again.
function again(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of root.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
addEventListener("pageshow", (event) => { if (event.persisted) again(document); });
document.addEventListener("htmx:afterRequest", () => again(document));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  input.type = input.type === "password" ? "text" : "password";
  button.setAttribute("aria-pressed", String(input.type === "text"));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-apply-on-change]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
});

// Filters left empty stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-apply-on-change]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

function focusError(root) {
  root.querySelector("[data-error-summary]")?.focus();
}
focusError(document);
document.addEventListener("htmx:load", (event) => focusError(event.detail.elt));
