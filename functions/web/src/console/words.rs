//! The console's words for states, in one place.

use numo_app::{
    port::ledger::Limit,
    store::sync::{SyncKind, SyncRun},
};
use numo_domain::{
    connection::{ConnectionStatus, LedgerProvider},
    conversation::Content,
    delivery_report::pricing::PriceCategory,
    invoice::InvoiceStatus,
    language::Language,
    restriction::RestrictionKind,
    sender::SenderStatus,
    template::Purpose,
};

use crate::view::reminder::StateView;

/// An accounting system as people know it.
pub(super) const fn ledger_name(provider: LedgerProvider) -> &'static str {
    match provider {
        LedgerProvider::Xero => "Xero",
        LedgerProvider::Quickbooks => "QuickBooks",
    }
}

/// What is wrong with a connection, if anything is.
pub(super) const fn status_problem(status: ConnectionStatus) -> Option<&'static str> {
    match status {
        ConnectionStatus::Active => None,
        ConnectionStatus::ReauthRequired => Some("It has to be connected again."),
        ConnectionStatus::Suspended => Some("Its accounting system does not serve it now: look at your subscription."),
        ConnectionStatus::Disconnected => Some("It is disconnected: nothing is read and nothing is sent for it."),
    }
}

/// Why a ledger is left alone for a while.
pub(super) const fn parked_because(limit: Limit) -> &'static str {
    match limit {
        Limit::Minute => "its calls of this minute are used up",
        Limit::Day => "its calls of this day are used up",
        Limit::App => "Numo's calls to this accounting system are used up for the moment",
        Limit::Month => "its calls of this month are used up",
    }
}

/// Whether a number can send.
pub(super) const fn sender_status(status: SenderStatus) -> &'static str {
    match status {
        SenderStatus::Ready => "ready to send",
        SenderStatus::Blocked => "blocked by WhatsApp",
        SenderStatus::ReauthRequired => "needs a new access token",
    }
}

/// What WhatsApp does not let an account do.
pub(super) const fn restriction_words(kind: RestrictionKind) -> &'static str {
    match kind {
        RestrictionKind::BusinessInitiated => "WhatsApp lets it write first to nobody",
        RestrictionKind::CustomerInitiated => "WhatsApp does not let it answer",
        RestrictionKind::AddingNumbers => "WhatsApp does not let it add numbers",
        RestrictionKind::UtilityTemplates => "WhatsApp does not let it send reminders",
        RestrictionKind::DirectSend => "WhatsApp does not let it send without a template",
        RestrictionKind::UtilityRate => "WhatsApp lets it send reminders only slowly",
        RestrictionKind::Other => "WhatsApp restricts it in a way that Numo does not know",
    }
}

/// What the latest read of a ledger did, or has done so far.
pub(super) fn run_sentence(run: &SyncRun) -> String {
    let counts = format!(
        "{} customers, {} invoices and {} payments, credits and bills read in {} calls",
        run.contacts_read, run.invoices_read, run.money_read, run.calls
    );
    let skipped =
        if run.skipped > 0 { format!(", rows that could not be read: {}", run.skipped) } else { String::new() };
    let what = match run.kind {
        SyncKind::First => "everything",
        SyncKind::Changes => "what changed",
        SyncKind::Sweep => "everything open",
    };
    match (&run.failure, run.ended_at) {
        (Some(_), _) => format!("The latest read, of {what}, ended early: {counts}{skipped}. It is tried again."),
        (None, Some(_)) => format!("The latest read, of {what}: {counts}{skipped}."),
        (None, None) => format!("Reading {what} now: {counts}{skipped} so far."),
    }
}

/// A state, with Meta's code where there is one.
pub(super) fn state_words(state: &StateView) -> String {
    let word = state.state.replace('_', " ");
    state.code.map_or_else(|| word.clone(), |code| format!("{word} (code {code})"))
}

/// Where an invoice stands.
pub(super) const fn invoice_status(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Draft | InvoiceStatus::Submitted => "not approved yet",
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Voided | InvoiceStatus::Deleted => "cancelled",
    }
}

/// A language, in itself.
pub(super) const fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Arabic => "العربية",
        Language::Spanish => "Español",
        Language::Portuguese => "Português",
        Language::French => "Français",
        Language::German => "Deutsch",
        Language::Hindi => "हिन्दी",
    }
}

/// What a text of the pack is for.
pub(super) const fn purpose_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Upcoming => "Before the due date",
        Purpose::DueToday => "On the due date",
        Purpose::OverdueGentle => "Gentle reminder",
        Purpose::OverdueFirm => "Firm reminder",
        Purpose::OverdueFinal => "Last reminder",
        Purpose::Statement => "Statement of the account",
        Purpose::PromiseMissed => "Promise that was missed",
        Purpose::ThankYou => "Thanks for a payment",
        Purpose::PartPayment => "Thanks for a part of it",
    }
}

/// What a message is, where it is no words.
pub(super) const fn content_words(content: Content) -> &'static str {
    match content {
        Content::Text => "words",
        Content::Choice => "a button",
        Content::Image => "a picture, to be looked at on the phone",
        Content::Document => "a file, to be looked at on the phone",
        Content::Audio => "a voice message, to be listened to on the phone",
        Content::Video => "a video, to be looked at on the phone",
        Content::Sticker => "a sticker",
        Content::Location => "a place",
        Content::Contacts => "contact details",
        Content::Order => "an order",
        Content::Reaction => "a sign on a message",
        Content::System => "news from WhatsApp about this number",
        Content::Unsupported => "something that WhatsApp does not hand on",
    }
}

/// As what Meta bills a message.
pub(super) const fn price_category(category: PriceCategory) -> &'static str {
    match category {
        PriceCategory::Other => "something else",
        PriceCategory::Service => "answers",
        PriceCategory::Utility => "reminders (utility)",
        PriceCategory::Authentication => "codes",
        PriceCategory::Marketing => "marketing",
    }
}

/// A customer's name, or that the ledger has dropped it.
pub(super) fn or_unknown(name: Option<String>) -> String {
    name.unwrap_or_else(|| "Unknown customer".to_owned())
}
