(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  // A client who came by a link does not sign in: the address of the page says who may.
  const { app, config, version, attestation, link } = document.body.dataset;
  const say = (text) => { by("notice").textContent = text; };
  const lateMs = 20000;
  let session = null;
  let code = null;
  let late = 0;

  // The name itself is compared: an address that only contains Meta's name is anybody's.
  const isMeta = (origin) => {
    let url;
    try { url = new URL(origin); } catch { return false; }
    return url.protocol === "https:" && (url.hostname === "facebook.com" || url.hostname.endsWith(".facebook.com"));
  };

  const heard = (data) => {
    try { return typeof data === "string" ? JSON.parse(data) : data; } catch { return null; }
  };

  const show = (numbers) => {
    by("numbers").replaceChildren(...numbers.map((number) => {
      const line = document.createElement("li");
      const time = number.again_at ? ` Not before ${new Date(number.again_at).toLocaleString()}.` : "";
      line.textContent = `${number.number}: ${number.message || number.outcome.replace("_", " ")}${time}`;
      return line;
    }));
  };

  const send = async (body) => {
    const headers = { "content-type": "application/json" };
    if (!link) headers.authorization = `Bearer ${await window.Clerk.session.getToken()}`;
    const to = link ? location.href : "../v1/senders/signup";
    const answer = await fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
    return { ok: answer.ok, told: await answer.json() };
  };

  const entered = () => {
    const body = {};
    if (by("pin").value) body.pin = by("pin").value;
    if (attestation) {
      body.attestation = { version: Number(attestation), authorised_by: by("authorised_by").value };
    }
    return body;
  };

  const post = async (told, traded) => {
    const claims = { event: told.event };
    for (const name of ["waba_id", "phone_number_id", "business_id", "current_step", "error_message"]) {
      const value = told.data && told.data[name];
      if (value) claims[name] = String(value);
    }
    say("Connecting …");
    const answer = await send(traded ? { ...claims, code: traded, ...entered() } : { ...claims, ...entered() });
    if (!answer.ok) {
      // What was kept can be gone on with; where nothing was, the answer says so.
      by("finish").hidden = told.event === "CANCEL";
      say(`${answer.told.error.message}. You can correct it and finish, or begin again.`);
      const field = by(answer.told.error.field || "");
      if (field) field.focus();
      return;
    }
    by("finish").hidden = answer.told.status !== "unfinished";
    show(answer.told.numbers || []);
    if (claims.error_message) {
      // Meta's support asks for the session.
      say(`Meta's window reported an error and nothing was connected: ${claims.error_message} Begin again. If it comes `
        + `back, give Meta's support the session ${told.data.session_id || "unknown"}.`);
      return;
    }
    say(answer.told.message || "WhatsApp is connected. The texts of your reminders go to Meta for review now.");
  };

  // Code and message come in either order; the code lives 30 seconds.
  const complete = () => {
    if (!session || (!code && session.event !== "CANCEL")) return;
    clearTimeout(late);
    const [told, traded] = [session, code];
    code = null;
    const leaves = told.event === "FINISH" && document.querySelector("[name=use]:checked").value === "app";
    if (leaves && !confirm("This number was not connected as one of the app, so it leaves the WhatsApp Business app "
      + "on the phone. Connect it all the same?")) {
      say("Nothing was connected. Begin again, and choose to connect your WhatsApp Business app in Meta's window.");
      return;
    }
    post(told, traded).catch(() => say("Numo could not be reached. What was kept is safe: press Finish, or begin again."))
      .finally(() => { by("begin").disabled = false; });
  };

  window.addEventListener("message", (event) => {
    if (!isMeta(event.origin)) return;
    const told = heard(event.data);
    if (!told || told.type !== "WA_EMBEDDED_SIGNUP") return;
    session = told;
    complete();
  });

  const begin = () => {
    if (attestation && !by("attested").checked) {
      say("Confirm the statement first.");
      by("attested").focus();
      return;
    }
    if (link && attestation && !by("authorised_by").value.trim()) {
      say("Say who you are first.");
      by("authorised_by").focus();
      return;
    }
    if (!window.FB || (!link && (!window.Clerk || !window.Clerk.session))) {
      say("A script of Meta's or Clerk's is not loaded. Allow it in your browser and reload the page.");
      return;
    }
    [session, code] = [null, null];
    show([]);
    by("finish").hidden = true;
    by("begin").disabled = true;
    say("Go on in Meta's window. If none opened, allow pop-ups for this page.");
    window.FB.login((response) => {
      by("begin").disabled = false;
      code = (response.authResponse && response.authResponse.code) || null;
      if (!code) {
        if (!session) say("Meta's window was closed before it was finished. Nothing was connected.");
        return;
      }
      late = setTimeout(() => say("Meta did not tell which account was chosen. Begin again."), lateMs);
      complete();
    }, { config_id: config, response_type: "code", override_default_response_type: true, extras: { setup: {} } });
  };

  window.fbAsyncInit = () => window.FB.init({ appId: app, autoLogAppEvents: false, xfbml: false, version });
  by("begin").addEventListener("click", begin);
  by("finish").addEventListener("click", () => {
    if (session) post(session, null).catch(() => say("Numo could not be reached. Try again."));
  });
  window.addEventListener("load", async () => {
    if (link) return;
    try {
      await window.Clerk.load({ ui: { ClerkUI: window.__internal_ClerkUICtor } });
    } catch {
      say("Sign-in could not be loaded. Check your connection and reload the page.");
    }
  });
})();
