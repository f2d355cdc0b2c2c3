// Mounts Clerk's switcher and button, shows chosen files, says where a part did not come, and keeps a page with an ended session from standing still.
(() => {
  "use strict";
  const place = (name) => document.getElementById(name);

  const mount = (clerk) => {
    const home = document.body.dataset.home;
    const switcher = place("clerk-organisation");
    if (switcher) {
      clerk.mountOrganizationSwitcher(switcher, {
        hidePersonal: true, afterSelectOrganizationUrl: home, afterCreateOrganizationUrl: home,
      });
    }
    const button = place("clerk-user");
    if (button) clerk.mountUserButton(button);
  };

  const start = async () => {
    const clerk = window.Clerk;
    if (!clerk) return;
    await clerk.load({ ui: { ClerkUI: window.__internal_ClerkUICtor } });
    if (clerk.session) mount(clerk);
  };

  // A chosen file is shown as text in its field, where it is looked at before it is sent.
  const showFile = async (input) => {
    const [file] = input.files;
    const isTooLarge = file && file.size > Number(input.dataset.most);
    input.setCustomValidity(isTooLarge ? "This file is too large. Split it, and take one part after the other." : "");
    if (isTooLarge) input.reportValidity();
    else if (file) place(input.dataset.into).value = await file.text();
  };
  document.addEventListener("change", ({ target }) => { if (target.dataset.into) showFile(target); });
  for (const label of document.querySelectorAll("[data-file]")) label.hidden = false;

  // A part that could not be loaded says so, and how to try again.
  const admit = ({ target }) => {
    if (!target.classList.contains("awaited")) return;
    target.removeAttribute("aria-busy");
    for (const each of target.children) each.hidden = !each.hidden;
  };
  for (const failure of ["htmx:response:error", "htmx:error"]) document.addEventListener(failure, admit);

  // Without Clerk's script the page is read as it is; the next one signs in again.
  window.addEventListener("load", () => { start().catch(() => {}); });
})();
