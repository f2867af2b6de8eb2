// reCAPTCHA without inline scripts: loads its code, and for v3 fetches a token when the form is sent.
const asked = document.querySelector("[data-captcha-host]");
if (asked) {
  const code = document.createElement("script");
  const key = asked.dataset.captchaKey;
  code.src = `https://${asked.dataset.captchaHost}/recaptcha/api.js${key ? `?render=${encodeURIComponent(key)}` : ""}`;
  document.head.append(code);
}

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("[data-captcha-key]");
  if (!field || field.value || !window.grecaptcha) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  window.grecaptcha.ready(() => {
    window.grecaptcha
      .execute(field.dataset.captchaKey, { action: field.dataset.captchaAction })
      .then((token) => { field.value = token; event.target.requestSubmit(); });
  });
}, true);
