//! The words of every page; `{ledger}` stands for the provider's name, `{provider}` for its name in addresses.

use http::StatusCode;

use crate::page::{Page, frame::framed};

/// What a page says.
pub(super) struct Text {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) happened: &'static str,
    pub(super) stored: &'static str,
    pub(super) next: &'static str,
    link: Link,
}

/// Where a page leads.
#[derive(Clone, Copy)]
enum Link {
    Home,
    Start,
    Reconnect,
}

/// True wherever no tokens can have been sealed yet.
const NOTHING_STORED: &str = "Nothing was stored.";

/// Where nobody knows how far it went.
const UNLESS_CONNECTED: &str = "Nothing was stored, unless the ledger is among your connections.";

/// No such address.
pub(super) const NOT_FOUND: Text = Text {
    status: StatusCode::NOT_FOUND,
    title: "No such page",
    happened: "There is nothing at this address. The ledgers that can be connected are Xero and QuickBooks.",
    stored: NOTHING_STORED,
    next: "Go back to Numo and connect the ledger from there.",
    link: Link::Home,
};

impl Text {
    /// The page, with its placeholders.
    pub(super) fn html(&self) -> String {
        let Self { title, happened, stored, next, .. } = self;
        let (target, label) = match self.link {
            Link::Home => ("/", "Go to Numo"),
            Link::Start => ("/oauth/{provider}/start", "Begin again"),
            Link::Reconnect => ("/oauth/{provider}/reconnect", "Connect {ledger} again"),
        };
        let link = format!("<a href=\"{target}\">{label}</a>");
        framed(title, &format!("<p>{happened}</p>\n<p>{stored}</p>\n<p>{next}</p>\n<p>{link}</p>\n"))
    }
}

/// The words of a page.
pub(super) const fn of(page: Page) -> &'static Text {
    match page {
        Page::SignInFirst => &SIGN_IN_FIRST,
        Page::ChooseOrganisation => &CHOOSE_ORGANISATION,
        Page::AdminsOnly => &ADMINS_ONLY,
        Page::NotBegun => &NOT_BEGUN,
        Page::UnknownConsent => &UNKNOWN_CONSENT,
        Page::Declined => &DECLINED,
        Page::CapReached => &CAP_REACHED,
        Page::Refused => &REFUSED,
        Page::AlreadyLinked => &ALREADY_LINKED,
        Page::ForeignForm => &FOREIGN_FORM,
        Page::Disconnected => &DISCONNECTED,
        Page::Unavailable => &UNAVAILABLE,
        Page::Failed => &FAILED,
    }
}

const SIGN_IN_FIRST: Text = Text {
    status: StatusCode::UNAUTHORIZED,
    title: "Sign in first",
    happened: "Connecting a ledger needs somebody who is signed in, and this browser is not or no longer is.",
    stored: NOTHING_STORED,
    next: "Sign in to Numo, then connect the ledger from there.",
    link: Link::Home,
};

const CHOOSE_ORGANISATION: Text = Text {
    status: StatusCode::FORBIDDEN,
    title: "Choose an organisation first",
    happened: "You are signed in, but not for an organisation that the ledger could belong to.",
    stored: NOTHING_STORED,
    next: "Choose your organisation in Numo, then connect the ledger from there.",
    link: Link::Home,
};

const ADMINS_ONLY: Text = Text {
    status: StatusCode::FORBIDDEN,
    title: "Only admins connect ledgers",
    happened: "Your role in this organisation does not allow connecting a ledger.",
    stored: NOTHING_STORED,
    next: "Ask an admin of your organisation to connect it.",
    link: Link::Home,
};

const NOT_BEGUN: Text = Text {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "Not now",
    happened: "Numo could not begin to connect the ledger, because {ledger} or a part of Numo does not answer.",
    stored: NOTHING_STORED,
    next: "Try again in a minute.",
    link: Link::Start,
};

const UNKNOWN_CONSENT: Text = Text {
    status: StatusCode::BAD_REQUEST,
    title: "This consent cannot be used",
    happened: "It was used already, it took longer than ten minutes, or another browser began it.",
    stored: NOTHING_STORED,
    next: "Begin again and finish in the same browser.",
    link: Link::Start,
};

const DECLINED: Text = Text {
    status: StatusCode::BAD_REQUEST,
    title: "{ledger} was not connected",
    happened: "Access was declined, or no organisation was chosen.",
    stored: NOTHING_STORED,
    next: "If that was not meant, begin again and allow access to an organisation.",
    link: Link::Start,
};

const CAP_REACHED: Text = Text {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "{ledger} lets Numo connect no more organisations",
    happened: "{ledger} limits how many organisations an app may be connected to, and that number is reached. \
        It has nothing to do with your subscription or your books.",
    stored: NOTHING_STORED,
    next: "Numo has been told and asks {ledger} for more. Write to Numo's support to hear when you can \
        connect; disconnecting an organisation that you no longer need makes room as well.",
    link: Link::Home,
};

const REFUSED: Text = Text {
    status: StatusCode::BAD_REQUEST,
    title: "{ledger} did not accept the consent",
    happened: "{ledger} refused to exchange it for access. Consents can be used once and for a few minutes \
        only.",
    stored: NOTHING_STORED,
    next: "Begin again.",
    link: Link::Start,
};

const ALREADY_LINKED: Text = Text {
    status: StatusCode::CONFLICT,
    title: "Already connected elsewhere",
    happened: "The ledger that was chosen is connected to another organisation in Numo.",
    stored: "Nothing was stored: neither access nor data of the ledger.",
    next: "Disconnect it there first, or begin again and choose another ledger.",
    link: Link::Start,
};

const FOREIGN_FORM: Text = Text {
    status: StatusCode::FORBIDDEN,
    title: "This choice was not made in Numo",
    happened: "Another site sent the choice of organisations in your name, so Numo did not follow it.",
    stored: NOTHING_STORED,
    next: "If you are connecting a ledger just now, go back to Numo's own page and choose there, or begin \
        again.",
    link: Link::Start,
};

const DISCONNECTED: Text = Text {
    status: StatusCode::OK,
    title: "Disconnected inside {ledger}",
    happened: "You come from {ledger}, where a link with Numo was ended. Numo now asks {ledger} itself; once it \
        confirms, nothing more is read and no reminder is sent for that ledger.",
    stored: "Nothing was stored and nothing was deleted by opening this page: what was read before stays, so \
        that connecting again goes on from there.",
    next: "If that was not meant, an admin connects it again. To end the connection in Numo for good as \
        well, disconnect it among your connections.",
    link: Link::Reconnect,
};

const UNAVAILABLE: Text = Text {
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: "Not finished",
    happened: "{ledger} or a part of Numo did not answer while the ledger was being connected.",
    stored: UNLESS_CONNECTED,
    next: "Look at your connections; if it is not there, begin again in a minute.",
    link: Link::Home,
};

const FAILED: Text = Text {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    title: "Not finished",
    happened: "Something went wrong while the ledger was being connected. It has been reported.",
    stored: UNLESS_CONNECTED,
    next: "Look at your connections; if it is not there, begin again.",
    link: Link::Home,
};
