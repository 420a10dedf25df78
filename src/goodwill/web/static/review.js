// Keys for deciding on pairs: each presses the button or follows the link that bears it. Without this all works by hand.
"use strict";
document.addEventListener("keydown", (event) => {
  const at = event.target;
  const isTyping = at instanceof HTMLElement && (at.isContentEditable || at.matches("textarea, select, input:not([type=radio])"));
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping || isOff()) return;
  if (!/^[a-z?]$/.test(event.key)) return;
  if (event.key === "?") {
    const help = document.getElementById("keys");
    if (!help) return;
    event.preventDefault();
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
    return;
  }
  const wanted = document.querySelector(`[data-key="${event.key}"]`);
  if (!wanted || wanted.disabled) return;
  event.preventDefault();
  wanted.click();
});
// A pair is decided once, however often a button is pressed.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.once === "sent") event.preventDefault();
    form.dataset.once = "sent";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) form.dataset.once = "";
});
// The queue is being put in order: look again by itself.
if (document.querySelector("[data-wait]")) setTimeout(() => location.reload(), 1500);
// Whoever speaks to a computer, or presses keys unmeant, can turn the keys off.
const OFF = "goodwill-keys-off";
const isOff = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
const keysSwitch = document.getElementById("keys-switch");
if (keysSwitch) {
  const say = () => { keysSwitch.textContent = isOff() ? "Turn keys on" : "Turn keys off"; };
  keysSwitch.hidden = false;
  say();
  keysSwitch.addEventListener("click", () => {
    try { localStorage.setItem(OFF, isOff() ? "no" : "yes"); } catch { /* no store: keys stay as they are */ }
    say();
  });
}
