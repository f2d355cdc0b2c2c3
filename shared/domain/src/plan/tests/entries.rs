//! Where a sequence begins that something kept from beginning on time.

use super::{thanks::paid_case, *};
use crate::{
    customer_file::CustomerFile,
    policy::{Step, presets::Preset},
};

fn active(preset: Preset) -> Policy {
    Policy { state: PolicyState::Active, ..preset.policy(None, Timestamp::UNIX_EPOCH) }
}

/// Invoice 1 with a due date, known long before.
fn due_on(due: Date) -> Case {
    let mut case = case();
    case.first_invoice().invoice.due = Some(due);
    case
}

#[test]
fn a_policy_that_is_switched_on_over_a_late_invoice_begins_at_once_by_its_age() {
    let mut case = due_on(date(2026, 11, 5));
    // Eighteen days late the third step is over, and the fourth has not come.
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
    case.policy().active_since = Some(case.now);
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 12, 31)),
        ["2026-11-23 c1 S3 AED 400.00", "2026-12-04 c1 S4 AED 400.00"]
    );
}

#[test]
fn a_silence_that_ends_with_the_settling_of_a_late_invoice_makes_its_beginning_no_firmer() {
    let mut case = due_on(date(2026, 11, 8));
    case.first_invoice().first_seen = case.now;
    let settled = date(2026, 11, 26);
    case.file().snoozed_until = Some(settled);
    assert_eq!(case.on(settled), ["S2 AED 400.00"]);
    // A day longer, and what it waited for was not that it was new.
    let later = date(2026, 11, 27);
    case.file().snoozed_until = Some(later);
    assert_eq!(case.on(later), ["S3 AED 400.00"]);
}

#[test]
fn an_invoice_that_was_settled_and_is_open_again_is_not_old_however_old_it_is() {
    let mut case = due_on(date(2026, 9, 24));
    case.first_invoice().first_seen = case.now;
    assert_eq!(case.held(), [("backlog_unconfirmed", None)]);
    case.first_invoice().cycle = 2;
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
}

#[test]
fn a_word_about_one_invoice_begins_no_sequence_of_another() {
    let mut case = due_on(date(2026, 9, 24));
    case.first_invoice().first_seen = case.now;
    case.sent(2, ReminderState::Read, 0);
    assert_eq!(case.told(), ["sequence_finished"]);
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[0].key.anchor = "2".parse().unwrap();
    assert_eq!(case.told(), ["backlog_unconfirmed"]);
}

#[test]
fn a_late_beginning_passes_over_the_text_of_the_due_date() {
    let mut case = due_on(date(2026, 11, 13));
    *case.policy() = active(Preset::Firm);
    case.first_invoice().first_seen = case.now;
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 12, 5)),
        ["2026-11-26 c1 S3 AED 400.00", "2026-11-30 c1 S4 AED 400.00"]
    );
    // By its age nor does one begin with it that is a day late.
    let mut case = due_on(date(2026, 11, 22));
    *case.policy() = active(Preset::Gentle);
    case.policy().steps.insert(1, Step { id: StepId(9), offset_days: 0, tone: Tone::Friendly, text: None });
    case.policy().active_since = Some(case.now);
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 5)), ["2026-11-30 c1 S2 AED 400.00"]);
}

#[test]
fn an_invoice_seen_late_is_mentioned_with_thanks_once_it_is_settled_in_or_the_owner_chose() {
    let told = |due: Date, seen: Date, choice: Option<Start>| {
        let mut case = paid_case();
        case.ledger.invoices.push(invoice("2", "c1", due, "AED 300"));
        case.ledger.invoices[1].first_seen = ten_o_clock(seen);
        if let Some(start) = choice {
            case.choose("2", start, date(2026, 11, 23));
        }
        case.told().remove(0)
    };
    let (plain, both) = ("TY2026-11-22 AED 0.00", "PP2026-11-22 AED 300.00");
    // Three days after it was seen it may be spoken of.
    assert_eq!(told(date(2026, 11, 12), date(2026, 11, 21), None), plain);
    assert_eq!(told(date(2026, 11, 12), date(2026, 11, 20), None), both);
    // Seen on its due date, or chosen by the owner, it need not wait for that.
    assert_eq!(told(date(2026, 11, 22), date(2026, 11, 22), None), both);
    assert_eq!(told(date(2026, 11, 12), date(2026, 11, 22), Some(Start::Gently)), both);
    assert_eq!(told(date(2026, 11, 12), date(2026, 11, 22), Some(Start::ByAge)), both);
}

#[test]
fn an_exclusion_that_was_lifted_begins_by_age_on_the_day_it_was_lifted() {
    let mut case = due_on(date(2026, 11, 5));
    let file = CustomerFile { included_since: Some(case.now), ..CustomerFile::default() };
    case.history.files.insert(contact_ref("c1"), file);
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}
