// Copy buttons: <button data-copy="#id"> copies that element's text and says so for two seconds.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const text = source.value ?? source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch { // plain http or no permission: select it, so that one key copies it
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
  button.classList.add("is-copied");
  const said = button.parentElement.querySelector("[data-copy-said]");
  if (said) said.textContent = said.dataset.copySaid;
  setTimeout(() => { button.classList.remove("is-copied"); if (said) said.textContent = ""; }, 2000);
});
