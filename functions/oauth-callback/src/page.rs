//! The pages of a consent: what happened, what was stored, what to do.

pub mod choice_form;

mod frame;
mod text;

use numo_domain::connection::LedgerProvider;
use numo_runtime::http::{gateway::Response, response};

use crate::page::frame::STYLE;

/// A page that tells something.
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
    /// The owner declined, or chose nothing.
    Declined,
    /// The provider lets our app connect no further organisation.
    CapReached,
    /// The provider did not take the code.
    Refused,
    /// Connected to somebody else here.
    AlreadyLinked,
    /// A choice that was not sent by a page of ours.
    ForeignForm,
    /// Somebody ended the link inside the ledger, as the provider says.
    Disconnected,
    /// Something did not answer in the middle.
    Unavailable,
    /// Something went wrong in the middle.
    Failed,
}

/// The answer that shows a page.
pub fn answer(provider: LedgerProvider, page: Page) -> Response {
    let text = text::of(page);
    let html = text.html().replace("{ledger}", ledger(provider)).replace("{provider}", provider.as_str());
    response::page(text.status, STYLE, html)
}

/// The answer where there is no page.
pub fn not_found() -> Response {
    response::page(text::NOT_FOUND.status, STYLE, text::NOT_FOUND.html())
}

/// The provider as people know it.
const fn ledger(provider: LedgerProvider) -> &'static str {
    match provider {
        LedgerProvider::Xero => "Xero",
        LedgerProvider::Quickbooks => "QuickBooks",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Page; 13] = [
        Page::SignInFirst,
        Page::ChooseOrganisation,
        Page::AdminsOnly,
        Page::NotBegun,
        Page::UnknownConsent,
        Page::Declined,
        Page::CapReached,
        Page::Refused,
        Page::AlreadyLinked,
        Page::ForeignForm,
        Page::Disconnected,
        Page::Unavailable,
        Page::Failed,
    ];

    fn html(answer: &Response) -> &str {
        std::str::from_utf8(answer.body()).unwrap()
    }

    #[test]
    fn every_page_says_what_happened_what_was_stored_and_what_to_do() {
        for page in ALL {
            let (answer, text) = (answer(LedgerProvider::Xero, page), text::of(page));
            for part in [text.title, text.happened, text.stored, text.next] {
                let part = part.replace("{ledger}", "Xero");
                assert!(html(&answer).contains(&part), "{page:?} lacks {part}");
            }
            assert!(text.stored.starts_with("Nothing was stored"), "{page:?}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }

    #[test]
    fn a_page_of_one_provider_names_no_other_and_leads_to_no_other() {
        for page in ALL {
            let (xero, quickbooks) = (answer(LedgerProvider::Xero, page), answer(LedgerProvider::Quickbooks, page));
            assert!(!html(&xero).to_lowercase().contains("quickbooks"), "{page:?}");
            assert!(!html(&quickbooks).to_lowercase().contains("xero"), "{page:?}");
            assert!(!html(&quickbooks).contains("{ledger}") && !html(&quickbooks).contains("{provider}"), "{page:?}");
        }
    }

    #[test]
    fn every_page_has_its_status() {
        let statuses = ALL.map(|page| answer(LedgerProvider::Xero, page).status().as_u16());
        assert_eq!(statuses, [401, 403, 403, 503, 400, 400, 503, 400, 409, 403, 200, 503, 500]);
        assert_eq!(not_found().status().as_u16(), 404);
    }
}
