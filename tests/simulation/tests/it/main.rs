//! Days of simulated businesses, one subject a file.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

mod account_news;
mod accounts;
mod attachments;
mod before_a_run;
mod calm_days;
mod cases;
mod conversations;
mod dispatch_at_once;
mod erasure;
mod faults;
mod figures;
mod library;
mod manual;
mod numbers;
mod organisation_gone;
mod pay_buttons;
mod payers;
mod restores;
mod senders;
mod slots;
mod tenants;
mod test_messages;
mod tests_in_flight;
mod thanks;
mod two_dispatchers;
