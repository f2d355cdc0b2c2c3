(() => {
  "use strict";
  const notice = document.getElementById("notice");
  const say = (text) => { notice.textContent = text; };
  const hasNoOrganisation = document.body.dataset.organisation === "none";
  const key = "numo_reloads";
  const windowMs = 15000;
  const most = 2;

  // A cookie that the server does not take must not make the page reload for ever.
  const mayReload = () => {
    const recent = JSON.parse(sessionStorage.getItem(key) || "[]").filter((at) => Date.now() - at < windowMs);
    if (recent.length >= most) return false;
    sessionStorage.setItem(key, JSON.stringify([...recent, Date.now()]));
    return true;
  };

  const comeBack = async (clerk) => {
    if (!mayReload()) {
      say("You are signed in, but Numo does not accept the session. Reload the page in a minute or ask for help.");
      return;
    }
    await clerk.session.getToken({ skipCache: true });
    location.reload();
  };

  const chooseOrganisation = async (clerk) => {
    const memberships = (clerk.user && clerk.user.organizationMemberships) || [];
    if (!clerk.organization && memberships.length > 0) {
      await clerk.setActive({ organization: memberships[0].organization.id });
    }
    if (clerk.organization) { await comeBack(clerk); return; }
    say("You belong to no organisation yet. Ask an admin to invite you, or make one, then reload this page.");
    if (clerk.mountCreateOrganization) {
      clerk.mountCreateOrganization(document.getElementById("organisation"), { afterCreateOrganizationUrl: "/" });
    }
  };

  const start = async () => {
    const clerk = window.Clerk;
    await clerk.load({ ui: { ClerkUI: window.__internal_ClerkUICtor } });
    if (!clerk.session) {
      const here = location.href;
      const back = { redirectUrl: here, signInFallbackRedirectUrl: here, signUpFallbackRedirectUrl: here };
      if (location.pathname === "/sign-up") clerk.redirectToSignUp(back); else clerk.redirectToSignIn(back);
      return;
    }
    if (hasNoOrganisation) { await chooseOrganisation(clerk); return; }
    await comeBack(clerk);
  };

  window.addEventListener("load", () => {
    start().catch(() => say("Sign-in could not be loaded. Check your connection and reload the page."));
  });
})();
