//! The pages of a consent that does not lead on: what happened, what was stored, what to do.

use http::StatusCode;
use lambda_http::{Body, Response};
use numo_runtime::http::response;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Nobody is signed in.
    SignInFirst,
    /// Signed in, but for no organisation.
    ChooseOrganisation,
    /// Signed in, but not as an admin.
    AdminsOnly,
    /// The consent could not be begun.
    NotBegun,
    /// Replayed, expired, begun by another browser, or never begun.
    UnknownConsent,
    /// The owner declined.
    Declined,
    /// The provider did not take the code.
    Refused,
    /// Connected to somebody else here.
    AlreadyLinked,
    /// Something did not answer in the middle.
    Unavailable,
    /// Something went wrong in the middle.
    Failed,
    /// No such address.
    NotFound,
}

/// What a page says.
struct Text {
    status: StatusCode,
    title: &'static str,
    happened: &'static str,
    stored: &'static str,
    next: &'static str,
    link: Link,
}

/// Where a page leads.
#[derive(Clone, Copy)]
enum Link {
    Home,
    Start,
}

/// True wherever no tokens can have been sealed yet.
const NOTHING_STORED: &str = "Nothing was stored.";

/// The answer that shows a page.
pub fn answer(page: Page) -> Response<Body> {
    let text = text(page);
    response::page(text.status, STYLE, html(&text))
}

const fn text(page: Page) -> Text {
    match page {
        Page::SignInFirst => Text {
            status: StatusCode::UNAUTHORIZED,
            title: "Sign in first",
            happened: "Connecting a ledger needs somebody who is signed in, and this browser is not or no longer is.",
            stored: NOTHING_STORED,
            next: "Sign in to Numo, then connect the ledger from there.",
            link: Link::Home,
        },
        Page::ChooseOrganisation => Text {
            status: StatusCode::FORBIDDEN,
            title: "Choose an organisation first",
            happened: "You are signed in, but not for an organisation that the ledger could belong to.",
            stored: NOTHING_STORED,
            next: "Choose your organisation in Numo, then connect the ledger from there.",
            link: Link::Home,
        },
        Page::AdminsOnly => Text {
            status: StatusCode::FORBIDDEN,
            title: "Only admins connect ledgers",
            happened: "Your role in this organisation does not allow connecting a ledger.",
            stored: NOTHING_STORED,
            next: "Ask an admin of your organisation to connect it.",
            link: Link::Home,
        },
        Page::NotBegun => Text {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Not now",
            happened: "Numo could not begin to connect the ledger, because a part of it does not answer.",
            stored: NOTHING_STORED,
            next: "Try again in a minute.",
            link: Link::Start,
        },
        Page::UnknownConsent => Text {
            status: StatusCode::BAD_REQUEST,
            title: "This consent cannot be used",
            happened: "It was used already, it took longer than ten minutes, or another browser began it.",
            stored: NOTHING_STORED,
            next: "Begin again and finish in the same browser.",
            link: Link::Start,
        },
        Page::Declined => Text {
            status: StatusCode::BAD_REQUEST,
            title: "Xero was not connected",
            happened: "Access was declined, or no organisation was chosen.",
            stored: NOTHING_STORED,
            next: "If that was not meant, begin again and allow access to one organisation.",
            link: Link::Start,
        },
        Page::Refused => Text {
            status: StatusCode::BAD_REQUEST,
            title: "Xero did not accept the consent",
            happened: "Xero refused to exchange it for access. Consents can be used once and for a few minutes only.",
            stored: NOTHING_STORED,
            next: "Begin again.",
            link: Link::Start,
        },
        Page::AlreadyLinked => Text {
            status: StatusCode::CONFLICT,
            title: "Already connected elsewhere",
            happened: "The ledger that was chosen is connected to another organisation in Numo.",
            stored: "Nothing was stored: neither access nor data of the ledger.",
            next: "Disconnect it there first, or begin again and choose another ledger.",
            link: Link::Start,
        },
        Page::Unavailable => Text {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Not finished",
            happened: "Xero or a part of Numo did not answer while the ledger was being connected.",
            stored: "Nothing was stored, unless the ledger is among your connections.",
            next: "Look at your connections; if it is not there, begin again in a minute.",
            link: Link::Home,
        },
        Page::Failed => Text {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "Not finished",
            happened: "Something went wrong while the ledger was being connected. It has been reported.",
            stored: "Nothing was stored, unless the ledger is among your connections.",
            next: "Look at your connections; if it is not there, begin again.",
            link: Link::Home,
        },
        Page::NotFound => Text {
            status: StatusCode::NOT_FOUND,
            title: "No such page",
            happened: "There is nothing at this address. The one ledger that can be connected is Xero.",
            stored: NOTHING_STORED,
            next: "Go back to Numo and connect the ledger from there.",
            link: Link::Home,
        },
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;\
color:#1b1f24;background:#fff}a{color:#0b57d0}@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171a}\
a{color:#8ab4f8}}";

fn html(text: &Text) -> String {
    let Text { title, happened, stored, next, .. } = text;
    let (target, label) = match text.link {
        Link::Home => ("/", "Go to Numo"),
        Link::Start => ("/oauth/xero/start", "Begin again"),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · Numo</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p>{happened}</p>\n<p>{stored}</p>\n<p>{next}</p>\n\
         <p><a href=\"{target}\">{label}</a></p>\n</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Page; 11] = [
        Page::SignInFirst,
        Page::ChooseOrganisation,
        Page::AdminsOnly,
        Page::NotBegun,
        Page::UnknownConsent,
        Page::Declined,
        Page::Refused,
        Page::AlreadyLinked,
        Page::Unavailable,
        Page::Failed,
        Page::NotFound,
    ];

    #[test]
    fn every_page_says_what_happened_what_was_stored_and_what_to_do() {
        for page in ALL {
            let answer = answer(page);
            let Body::Text(html) = answer.body() else { panic!("{page:?} is no text") };
            let text = text(page);
            for part in [text.title, text.happened, text.stored, text.next] {
                assert!(html.contains(part), "{page:?} lacks {part}");
            }
            assert!(text.stored.starts_with("Nothing was stored"), "{page:?}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }

    #[test]
    fn every_page_has_its_status() {
        let statuses = ALL.map(|page| answer(page).status().as_u16());
        assert_eq!(statuses, [401, 403, 403, 503, 400, 400, 400, 409, 503, 500, 404]);
    }
}
