//! The console: the pages of a signed-in person, on the same use cases as the API.

mod activity;
mod address;
mod awaited;
mod checklist;
mod clients;
mod connections;
mod customer;
mod customer_backlog;
mod customer_consent;
mod customer_day;
mod customer_done;
mod customer_edit;
mod customer_erase;
mod customer_file;
mod customer_number;
mod customer_policy;
mod customer_send;
mod customer_timeline;
mod customers;
mod frame;
mod home;
mod invoices;
mod library_text;
mod message_search;
mod messages;
mod needs;
mod notice;
mod numbers;
mod older;
mod owed;
mod paste_numbers;
mod paste_opt_ins;
mod pause;
mod people;
mod phone;
mod plan;
mod plan_day;
mod policies;
mod policy;
mod policy_changes;
mod policy_form;
mod policy_line;
mod policy_new;
mod policy_page;
mod policy_preview;
mod policy_words;
mod problem;
mod reminders;
mod sent;
mod settings;
mod shell;
mod template_text;
mod template_words;
mod templates;
mod test_on_yourself;
mod time;
mod undo;
mod viewer;
pub(crate) mod whatsapp;
mod words;

use askama::Template;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use numo_app::error::AppError;
use url::Url;

pub(crate) use self::problem::Problem;
use crate::{
    assets,
    compress::compress,
    state::{AppState, MetaSignup, Site},
};

/// Every page of the console, and what pages load.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .merge(home::routes())
        .merge(shell::routes())
        .merge(needs::routes())
        .merge(pause::routes())
        .merge(plan::routes())
        .merge(customers::routes())
        .merge(paste_numbers::routes())
        .merge(paste_opt_ins::routes())
        .merge(customer::routes())
        .merge(invoices::routes())
        .merge(numbers::routes())
        .merge(messages::routes())
        .merge(reminders::routes())
        .merge(policies::routes())
        .merge(policy::routes())
        .merge(templates::routes())
        .merge(test_on_yourself::routes())
        .merge(connections::routes())
        .merge(clients::routes())
        .merge(activity::routes())
        .merge(settings::routes())
        .merge(undo::routes())
        .route("/connect/whatsapp", get(whatsapp::show))
        .route("/assets/{print}/{name}", get(assets::show))
        .layer(from_fn(compress))
}

/// A page, or what is said in its place.
type Shown = Result<Response, Problem>;

/// What a browser may load for a page besides our own style and pictures.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loads<'a> {
    /// Nothing.
    Nothing,
    /// Nothing, and its form may be sent to us.
    Form,
    /// ClerkJS, and our scripts.
    Clerk(&'a Site),
    /// Meta's script as well, and what that asks for.
    MetaSignup(&'a Site, &'a MetaSignup),
}

/// A page with the headers that say what a browser may load for it.
pub(crate) fn render(
    status: StatusCode,
    page: &impl Template,
    nonce: &str,
    loads: Loads<'_>,
) -> Result<Response, AppError> {
    let html = page.render().map_err(|error| AppError::Internal(format!("a page cannot be rendered: {error}")))?;
    guarded(status, html, nonce, loads)
}

/// What was rendered already, with the same headers.
pub(crate) fn guarded(status: StatusCode, html: String, nonce: &str, loads: Loads<'_>) -> Result<Response, AppError> {
    let policy = HeaderValue::from_str(&policy(nonce, loads))
        .map_err(|error| AppError::Internal(format!("a policy is no header: {error}")))?;
    // Without a referrer a browser hides from our own forms where they come from.
    let referrer = match loads {
        Loads::Nothing | Loads::Form | Loads::MetaSignup(..) => "no-referrer",
        Loads::Clerk(_) => "same-origin",
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static(referrer)),
        // A window opened for a sign-up at Meta has to reach back to the page.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin-allow-popups")),
    ];
    Ok((status, headers, readable(html)).into_response())
}

/// A page without the characters by which a text from elsewhere would turn around what stands behind it, or which are
/// no text of HTML at all; our own messages isolate with others.
fn readable(mut html: String) -> Html<String> {
    let is_foreign = |c: char| matches!(c, '\u{202a}'..='\u{202e}') || (c.is_control() && !matches!(c, '\n' | '\t'));
    if html.contains(is_foreign) {
        html.retain(|c| !is_foreign(c));
    }
    Html(html)
}

/// Hosts that Meta's script frames, asks and shows pictures of.
const META_HOSTS: &str = "https://www.facebook.com https://web.facebook.com https://graph.facebook.com";

/// Clerk's pictures, and the hosts by which it tells people from programs (Clerk: CSP headers).
const CLERK_PICTURES: &str = "https://img.clerk.com";
const CLERK_GUARDS: &str = "https://challenges.cloudflare.com https://*.protect.clerk.com";

fn policy(nonce: &str, loads: Loads<'_>) -> String {
    let ours = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    let origin = |url: &Url| url.origin().ascii_serialization();
    match loads {
        Loads::Nothing => format!("{ours}; form-action 'none'; style-src 'self'; img-src 'self'"),
        Loads::Form => format!("{ours}; form-action 'self'; style-src 'self'; img-src 'self'"),
        // ClerkJS writes styles of its own, which no nonce reaches.
        Loads::Clerk(site) => {
            let clerk = origin(&site.clerk_issuer);
            format!(
                "{ours}; form-action 'self'; style-src 'self' 'unsafe-inline'; \
                 script-src 'self' 'nonce-{nonce}' {clerk} {CLERK_GUARDS}; \
                 connect-src 'self' {clerk} https://*.protect.clerk.com:*; img-src 'self' {clerk} {CLERK_PICTURES}; \
                 worker-src 'self' blob:; frame-src {CLERK_GUARDS}"
            )
        }
        // As does Meta's script.
        Loads::MetaSignup(site, signup) => {
            let (clerk, sdk) = (origin(&site.clerk_issuer), origin(&signup.sdk_url));
            format!(
                "{ours}; form-action 'none'; style-src 'self' 'unsafe-inline'; \
                 script-src 'nonce-{nonce}' {clerk} {sdk}; connect-src 'self' {clerk} {META_HOSTS}; \
                 img-src 'self' {clerk} {META_HOSTS}; frame-src {META_HOSTS}"
            )
        }
    }
}

/// 128 unpredictable bits in hexadecimal.
pub(crate) fn nonce(state: &AppState) -> String {
    state.waker().ids.secret().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl viewer::Viewer {
    /// A page of this person's.
    fn page(&self, state: &AppState, page: &impl Template) -> Shown {
        self.page_as(StatusCode::OK, state, page)
    }

    /// The same where a form was not carried out.
    fn page_as(&self, status: StatusCode, state: &AppState, page: &impl Template) -> Shown {
        Ok(render(status, page, &self.nonce, Loads::Clerk(&state.site))?)
    }
}
