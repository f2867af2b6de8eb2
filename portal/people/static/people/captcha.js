// reCAPTCHA v3: the token is fetched when the form is sent, and then the form goes its way.
document.addEventListener("submit", (event) => {
  const field = event.target.querySelector("[data-captcha-key]");
  if (!field || field.value || !window.grecaptcha) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  window.grecaptcha.ready(() => {
    window.grecaptcha
      .execute(field.dataset.captchaKey, { action: field.dataset.captchaAction })
      .then((token) => { field.value = token; })
      .finally(() => event.target.requestSubmit());
  });
}, true);
