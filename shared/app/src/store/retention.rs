//! How long what is stored is kept after it was last written, for whoever tells people so.

use jiff::SignedDuration;

use super::{
    activity, asked_once, conversation, credit, document, erasure, export, inbound, journal, mail, manual_send, member,
    meta_user, pay_page, plan, receivables, seat, setup_link, signup, sync, test_message, user_link,
};

/// Lines of the activity log.
pub const ACTIVITY: SignedDuration = activity::KEPT;
/// Answers to requests that are done once, sealed.
pub const ANSWERS_TO_REQUESTS: SignedDuration = asked_once::KEPT;
/// Conversations and each line of one.
pub const CONVERSATIONS: SignedDuration = conversation::KEPT;
/// That an organisation was erased, without its id.
pub const CERTIFICATES: SignedDuration = erasure::certificate::KEPT;
/// The id of an organisation that was erased, after Clerk forgot it.
pub const ERASED_ORGANISATIONS: SignedDuration = erasure::organisation::KEPT_AFTER;
/// That there was an export; its archives go before.
pub const EXPORTS: SignedDuration = export::KEPT;
/// Requests of Facebook users to be forgotten.
pub const FORGET_REQUESTS: SignedDuration = meta_user::KEPT;
/// That a message of a customer was taken in.
pub const INBOUND_MARKERS: SignedDuration = inbound::KEPT;
/// Consents and erasures in the table that outlives a restore.
pub const JOURNAL: SignedDuration = journal::KEPT_FOR;
/// How a mail to members went out.
pub const MAILS: SignedDuration = mail::KEPT;
/// Replies that members are to be told of by mail.
pub const REPLIES_TO_TELL: SignedDuration = mail::TOLD_WITHIN;
/// Reminders that somebody asked for outside of the plan.
pub const MANUAL_SENDS: SignedDuration = manual_send::KEPT;
/// A member's proved number, after it was last used.
pub const MEMBERS_NUMBERS: SignedDuration = member::KEPT;
/// What the pay button of a message opens, after the last message with it.
pub const PAY_TARGETS: SignedDuration = pay_page::KEPT;
/// Addresses of pay pages and Meta's ids of PDFs, after they ceased to be good.
pub const PAY_PAGES: SignedDuration = document::LINGERS;
/// Payments, after they were last read.
pub const PAYMENTS: SignedDuration = credit::PAYMENTS_KEPT;
/// Plans, decisions and what was taken back.
pub const PLANS: SignedDuration = plan::KEPT;
/// What customers owed on a day, in sums.
pub const SUMS_OF_DAYS: SignedDuration = receivables::KEPT;
/// In which organisations somebody was seen, after the last time.
pub const SEATS: SignedDuration = seat::KEPT;
/// Links by which a client connects WhatsApp.
pub const SETUP_LINKS: SignedDuration = setup_link::WORKS_FOR;
/// The token of a sign-up that is not proved.
pub const SIGNUP_TOKENS: SignedDuration = signup::TOKEN_KEPT;
/// How a read of a ledger went.
pub const SYNC_RUNS: SignedDuration = sync::RUNS_KEPT;
/// Test messages.
pub const TEST_MESSAGES: SignedDuration = test_message::KEPT;
/// From a WhatsApp user who hides the number to the number's hash, after the last message.
pub const USER_LINKS: SignedDuration = user_link::KEPT;
