//! What is kept of whom, why and for how long: the table of the privacy page.
//!
//! Every kind of item of the store has its row here, or is said to tell of nobody; a test looks.

use jiff::SignedDuration;
use numo_app::{
    export::run::FETCHED_FOR,
    store::{oauth_state::STATE_LIFETIME, retention},
};

/// A row.
pub(super) struct Kept {
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    pub(super) until: String,
    /// The kinds of items, by the store's names.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares them with the store's"))]
    entities: &'static [&'static str],
}

const ACCOUNT: &str = "while the organisation has its account";

/// What the template says of backups, logs and letters of Meta.
const BACKUPS: SignedDuration = SignedDuration::from_hours(24 * 30);
const LOGS: SignedDuration = SignedDuration::from_hours(24 * 30);
const DELIVERIES: SignedDuration = SignedDuration::from_hours(24 * 4);

/// Every row, in the order of the page.
pub(super) fn kept() -> Vec<Kept> {
    let mut rows = Vec::from(of_the_business());
    rows.extend(of_members());
    rows.extend(of_customers());
    rows.extend(of_messages());
    rows.extend(of_endings());
    rows
}

fn of_the_business() -> [Kept; 5] {
    [
        row(
            "Your organisation's name, country, time zone, language, currency, settings and policies",
            "to plan and write reminders as you set them",
            ACCOUNT,
            &["organisation", "policy", "policy_book"],
        ),
        row(
            "Access to Xero, QuickBooks and WhatsApp (tokens, the PIN of a number), each sealed under your own key",
            "to read invoices and to send",
            format!(
                "until you disconnect; what is given while a connection is being made {} at most",
                words(retention::SIGNUP_TOKENS)
            ),
            &["grant", "data_key", "registration_pin", "signup_token"],
        ),
        row(
            "Which accounts are connected, by whom, and how they stand: names, ids, numbers, templates, what Meta billed",
            "to show them to you, and to notice when one stops working",
            format!(
                "{ACCOUNT}, or until it is ended; links for a client {}; how a read went {}",
                words(retention::SETUP_LINKS),
                words(retention::SYNC_RUNS)
            ),
            &[
                "connection",
                "whatsapp_account",
                "sender",
                "template",
                "library_choice",
                "account_bill",
                "setup_link",
                "sync_cursor",
                "sync_run",
            ],
        ),
        row(
            "That you are connecting an account at this moment",
            "so that nobody else can end what you began",
            words(STATE_LIFETIME),
            &["oauth_state", "consent_choice"],
        ),
        row(
            "Archives that you export",
            "for you to take along",
            format!("the archive {}, that there was one {}", words(FETCHED_FOR), words(retention::EXPORTS)),
            &["export", "export_book"],
        ),
    ]
}

fn of_members() -> [Kept; 5] {
    [
        row(
            "Which people belong to your organisation, by their ids at Clerk; names and mail addresses stay at Clerk",
            "to show somebody all of their organisations, and to mail those who are to be told",
            format!("{} after somebody was last here; who is mailed {ACCOUNT}", words(retention::SEATS)),
            &["seat", "seat_link", "mail_settings", "mail_book"],
        ),
        row(
            "Who did what and when, with the id of the person",
            "so that you can see what was done in your name",
            words(retention::ACTIVITY),
            &["activity", "activity_seal"],
        ),
        row(
            "A member's own WhatsApp number, if they prove it, and their test messages",
            "to show somebody a reminder before customers get one",
            format!("{} after it was last used", words(retention::MEMBERS_NUMBERS.max(retention::TEST_MESSAGES))),
            &["member", "proof_code", "test_message", "test_link"],
        ),
        row(
            "Mails to members: what they say, and how they went out",
            "to tell you what needs you",
            format!(
                "the words 12 hours, what waits to be told {}, the rest {}",
                words(retention::REPLIES_TO_TELL),
                words(retention::MAILS)
            ),
            &["owner_mail", "reply_to_tell"],
        ),
        row(
            "The sealed answer to a request that a program may send twice",
            "so that nothing is done twice",
            words(retention::ANSWERS_TO_REQUESTS),
            &["request"],
        ),
    ]
}

fn of_customers() -> [Kept; 6] {
    [
        row(
            "Customers as your ledger has them: name, phone numbers, groups; and a number that you typed",
            "to know whom to write to",
            format!("{ACCOUNT}, or until you erase the customer"),
            &["contact", "phone_link", "payer_link", "unread_number"],
        ),
        row(
            "Invoices, credits and bills, what is left to pay, and rows that could not be read",
            "to remind of what is owed and of nothing else",
            format!("{ACCOUNT}, or until you erase the customer"),
            &["invoice", "credit", "bill", "receipts", "unreadable_record"],
        ),
        row(
            "Sums of what is owed, in all and by customer, as they were counted",
            "to show you who owes how much, and how that changes",
            format!("the sums of a day {}, the list of customers until the next count", words(retention::SUMS_OF_DAYS)),
            &["receivables", "owed_on_day", "debtors", "figures"],
        ),
        row(
            "Payments, pages on which an invoice can be paid, PDFs that Meta was given",
            "to stop when somebody has paid, and to make paying easy",
            format!(
                "payments {}; pay buttons {} after the last message; pages and PDFs while they are good and {} longer",
                words(retention::PAYMENTS),
                words(retention::PAY_TARGETS),
                words(retention::PAY_PAGES)
            ),
            &["payment", "pay_link", "pay_target", "given_pdf"],
        ),
        row(
            "Who agreed to be written to and who does not want to be, under a keyed hash of the number",
            "so that nobody is written to who said stop",
            format!(
                "{ACCOUNT}; how often a number was written to 7 days; a copy that outlives a restored backup {}",
                words(retention::JOURNAL)
            ),
            &["consent", "fuse", "journalled_consent"],
        ),
        row(
            "What you decided about a customer: notes of promises, disputes, who is left out; and what needs somebody",
            "so that nobody is reminded whom you do not want reminded",
            format!("{ACCOUNT}, or until you erase the customer"),
            &["customer_file", "task"],
        ),
    ]
}

fn of_messages() -> [Kept; 4] {
    [
        row(
            "Plans and the reason for every send and every skip",
            "so that you can see why somebody got a message, or why not",
            words(retention::PLANS.max(retention::MANUAL_SENDS)),
            &["plan", "plan_chunk", "plan_edit", "manual_send"],
        ),
        row(
            "Reminders: to whom, their words, the invoices, and what Meta told of them",
            "so that nothing is sent twice, and you can show what was sent",
            format!(
                "{ACCOUNT}; the words until you erase the customer; of those sent by hand a copy with the amount and \
                 without words, for a restored backup, {}",
                words(retention::JOURNAL)
            ),
            &["reminder", "reminder_link", "journalled_reminder"],
        ),
        row(
            "What customers write back and what you answer; of pictures and files only that there was one",
            "so that you can read and answer",
            format!("{} after the last word", words(retention::CONVERSATIONS)),
            &["conversation", "conversation_line", "answer_link"],
        ),
        row(
            "Ids of messages that were taken in, and of WhatsApp users who hide their number, hashed",
            "so that a message is read once, and a stop binds whoever said it",
            words(retention::USER_LINKS.max(retention::INBOUND_MARKERS)),
            &["inbound", "inbound_change", "user_link"],
        ),
    ]
}

fn of_endings() -> [Kept; 6] {
    [
        row(
            "That a customer was erased: a keyed hash of the ledger's id",
            "so that no sync brings them back",
            format!("{ACCOUNT}; with the ledger's id, for a restored backup, {}", words(retention::JOURNAL)),
            &["erased_customer", "journalled_erasure"],
        ),
        row(
            "That an organisation was erased",
            "so that it stays erased, and you can show that it was",
            format!(
                "its id {}, its certificate without the id {}",
                words(retention::ERASED_ORGANISATIONS),
                words(retention::CERTIFICATES)
            ),
            &["organisation_erasure", "erasure_certificate", "journalled_order"],
        ),
        row(
            "Who connected a WhatsApp account, as a keyed hash of the Facebook login; requests to be forgotten",
            "to delete what Facebook asks us to delete",
            format!("until the account is ended; a request {}", words(retention::FORGET_REQUESTS)),
            &["signup_of", "signup_link", "forget_request"],
        ),
        row(
            "Letters of Meta with messages and states, as they come in",
            "to take each in once, even when something fails",
            format!("{} at most", words(DELIVERIES)),
            &[],
        ),
        row(
            "Technical logs, without names, numbers, words and tokens",
            "to find out what went wrong",
            words(LOGS),
            &[],
        ),
        row("Backups of all of this", "to come back after a failure", format!("{} at most", words(BACKUPS)), &[]),
    ]
}

fn row(what: &'static str, why: &'static str, until: impl Into<String>, entities: &'static [&'static str]) -> Kept {
    Kept { what, why, until: until.into(), entities }
}

/// A time in the largest unit that people count it in.
fn words(time: SignedDuration) -> String {
    let hours = time.as_hours();
    match (hours / 24, hours) {
        (days @ 365.., _) => format!("{} months ({days} days)", days * 12 / 365),
        (days @ 2.., _) => format!("{days} days"),
        (_, 1..) => format!("{hours} hours"),
        _ => format!("{} minutes", time.as_mins()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Kinds of items that tell of nobody: work that is due, counters, limits, and to whom an account belongs.
    const OF_NOBODY: [&str; 9] = [
        "calls",
        "clerk_night",
        "due",
        "gate",
        "messaging_gate",
        "missing_organisation",
        "route",
        "taken_in",
        "webhook_mismatch",
    ];

    fn read_entities(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_entities(&path, found);
                continue;
            }
            let code = fs::read_to_string(&path).unwrap();
            let names = code.split("const ENTITY: &'static str = \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(str::to_owned));
        }
    }

    #[test]
    fn every_kind_of_item_of_the_store_has_one_row_or_tells_of_nobody() {
        let mut stored = BTreeSet::new();
        read_entities(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/app/src"), &mut stored);
        let rows = kept();
        let told: Vec<&str> = rows.iter().flat_map(|row| row.entities).chain(&OF_NOBODY).copied().collect();
        let once: BTreeSet<String> = told.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!((once.len(), &once), (told.len(), &stored));
    }

    #[test]
    fn what_the_template_keeps_is_told_as_the_template_has_it() {
        let template = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")).unwrap();
        let values = |name: &str| -> BTreeSet<i64> {
            template.lines().filter_map(|line| line.trim().strip_prefix(name)?.trim().parse().ok()).collect()
        };
        let days = |time: SignedDuration| BTreeSet::from([time.as_hours() / 24]);
        assert_eq!(values("RecoveryPeriodInDays:"), days(BACKUPS));
        assert_eq!(values("RetentionInDays:"), days(LOGS));
        assert_eq!(values("ExpirationInDays:"), days(FETCHED_FOR));
        assert_eq!(values("MessageRetentionPeriod:"), BTreeSet::from([DELIVERIES.as_secs(), 14 * 24 * 60 * 60]));
    }

    #[test]
    fn a_time_is_told_in_the_largest_unit() {
        let times = [10, 60 * 24, 60 * 24 * 7, 60 * 24 * 396, 60 * 24 * 731, 60 * 24 * 1_096];
        let told = times.map(|minutes| words(SignedDuration::from_mins(minutes)));
        let expected = [
            "10 minutes",
            "24 hours",
            "7 days",
            "13 months (396 days)",
            "24 months (731 days)",
            "36 months (1096 days)",
        ];
        assert_eq!(told, expected);
    }
}
