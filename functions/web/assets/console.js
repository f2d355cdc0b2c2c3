// Mounts Clerk's switcher and button, and keeps a page with an ended session from standing still.
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

  // Without Clerk's script the page is read as it is; the next one signs in again.
  window.addEventListener("load", () => { start().catch(() => {}); });
})();
