// A small stand-in for Meta's JavaScript SDK with the part that Embedded Signup uses.
(() => {
  const base = "__BASE__";
  let app = null;

  // Meta's window reports from facebook.com; this one is elsewhere, so its word is passed on under that name.
  const report = (session) => {
    const message = { data: JSON.stringify(session), origin: "https://www.facebook.com" };
    window.dispatchEvent(new MessageEvent("message", message));
  };

  window.FB = {
    init(options) {
      if (!options.appId || !options.version) throw new Error("appId and version are required");
      app = options.appId;
    },
    login(done, options) {
      const asked = { app_id: app, config_id: options.config_id };
      const isCode = options.response_type === "code" && options.override_default_response_type === true;
      if (!app || !asked.config_id || !isCode || !options.extras || !options.extras.setup) {
        throw new Error("not a call of Embedded Signup");
      }
      const popup = window.open(`${base}/meta/dialog?${new URLSearchParams(asked)}`, "_blank", "popup");
      const unknown = { authResponse: null, status: "unknown" };
      let over = false;
      window.addEventListener("message", function heard(event) {
        if (over || event.source !== popup || new URL(base).origin !== event.origin) return;
        over = true;
        window.removeEventListener("message", heard);
        const { session, code } = event.data;
        report(session);
        done(code ? { authResponse: { code }, status: "connected" } : unknown);
      });
      // A window that is closed says nothing; one that has spoken closes as well, so its word has a moment to arrive.
      const watch = setInterval(() => {
        if (popup && !popup.closed) return;
        clearInterval(watch);
        setTimeout(() => { if (!over) { over = true; done(unknown); } }, 250);
      }, 100);
    },
  };
  if (window.fbAsyncInit) window.fbAsyncInit();
})();
