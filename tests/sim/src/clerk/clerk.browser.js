// A small stand-in for ClerkJS with the parts that the console uses.
(() => {
  const base = "__BASE__";
  const store = "__clerk_client";
  const renewMs = 50_000;
  let cached = null;

  const post = (path, body) =>
    fetch(base + path, { method: "POST", body: JSON.stringify(body) });

  // The handle arrives in the fragment after signing in and must not stay in the address.
  const adopt = () => {
    const found = location.hash.match(/__clerk_client=([0-9a-f]+)/);
    if (!found) return;
    localStorage.setItem(store, found[1]);
    history.replaceState(null, "", location.pathname + location.search);
  };

  const setCookie = (token) => {
    const life = token ? "" : "; max-age=0";
    document.cookie = `__session=${token}; path=/; SameSite=Lax${life}`;
  };

  const forget = () => {
    localStorage.removeItem(store);
    cached = null;
    setCookie("");
    Object.assign(clerk, { session: null, user: null, organization: null });
  };

  const renew = async () => {
    const answer = await post("/v1/client/sessions/token", { client: localStorage.getItem(store) });
    if (answer.status === 401) { forget(); return null; }
    if (!answer.ok) throw new Error("the session token cannot be renewed");
    cached = { token: (await answer.json()).jwt, until: Date.now() + renewMs };
    setCookie(cached.token);
    return cached.token;
  };

  const getToken = async (options = {}) =>
    !options.skipCache && cached && Date.now() < cached.until ? cached.token : renew();

  const signInUrl = (target) => `${base}/sign-in?redirect_url=${encodeURIComponent(target || location.href)}`;

  const label = (element, text) => {
    element.textContent = text;
    element.dataset.clerkMounted = "true";
  };

  const clerk = {
    loaded: false, session: null, user: null, organization: null, isSignedIn: false,
    async load() {
      adopt();
      const handle = localStorage.getItem(store);
      if (handle) {
        const answer = await fetch(`${base}/v1/client?client=${handle}`);
        if (answer.ok) {
          const held = await answer.json();
          const [firstName, lastName] = held.user.name.split(" ");
          clerk.user = {
            id: held.user.id, fullName: held.user.name, firstName, lastName,
            primaryEmailAddress: { emailAddress: held.user.email },
          };
          clerk.organization = held.organization;
          clerk.session = { id: held.session_id, getToken, user: clerk.user };
          clerk.isSignedIn = true;
          await renew();
          setInterval(() => { if (clerk.session) renew().catch(() => {}); }, renewMs);
        } else {
          forget();
        }
      }
      clerk.loaded = true;
    },
    async signOut(options) {
      await post("/v1/client/sign-out", { client: localStorage.getItem(store) });
      forget();
      clerk.isSignedIn = false;
      const target = options && options.redirectUrl;
      if (target) location.assign(target);
    },
    redirectToSignIn(options = {}) {
      location.assign(signInUrl(options.redirectUrl || options.signInFallbackRedirectUrl));
    },
    redirectToSignUp(options = {}) {
      location.assign(signInUrl(options.redirectUrl || options.signUpFallbackRedirectUrl));
    },
    buildSignInUrl: (options = {}) => signInUrl(options.redirectUrl),
    setActive: async () => { await renew(); },
    addListener: () => () => {},
    mountSignIn(element, options = {}) {
      const link = document.createElement("a");
      link.href = signInUrl(options.fallbackRedirectUrl || options.forceRedirectUrl);
      link.textContent = "Sign in";
      element.replaceChildren(link);
    },
    mountUserButton(element) {
      const button = document.createElement("button");
      button.type = "button";
      // A round picture of 28 pixels, as the real one.
      const name = clerk.user ? clerk.user.fullName : "";
      button.textContent = name.split(" ").map((word) => word.slice(0, 1)).join("");
      button.setAttribute("aria-label", `Sign out ${name}`);
      button.style.cssText = "width:28px;height:28px;min-height:0;padding:0;border-radius:50%;font-size:12px";
      button.addEventListener("click", () => clerk.signOut({ redirectUrl: "/" }));
      element.replaceChildren(button);
    },
    mountOrganizationSwitcher(element) {
      label(element, clerk.organization ? clerk.organization.name : "No organisation");
    },
    mountTaskChooseOrganization(element) {
      label(element, "You are in no organisation yet.");
    },
    unmountSignIn() {}, unmountUserButton() {}, unmountOrganizationSwitcher() {},
  };
  window.Clerk = clerk;
})();
