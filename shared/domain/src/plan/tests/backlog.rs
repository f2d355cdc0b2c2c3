//! What was old when it was first seen, and what entered late.

use super::*;
use crate::policy::presets::Preset;

/// Invoice 1, due on a day and first seen today.
fn seen_today(due: Date) -> Case {
    let mut case = case();
    case.first_invoice().invoice.due = Some(due);
    case.first_invoice().first_seen = case.now;
    case
}

#[test]
fn case_16_what_was_60_days_overdue_at_the_first_connection_waits_for_the_owner_and_then_starts_gently() {
    let mut case = seen_today(date(2026, 9, 24));
    assert_eq!(case.held(), [("backlog_unconfirmed", None)]);
    case.choose("1", Start::Gently, date(2026, 11, 23));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::Step(StepId(2)), Tone::Gentle));
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 12, 31)),
        ["2026-11-23 c1 S2 AED 400.00", "2026-11-30 c1 S3 AED 400.00", "2026-12-11 c1 S4 AED 400.00",]
    );
}

#[test]
fn an_old_invoice_that_starts_by_its_age_starts_at_most_firmly() {
    let mut case = seen_today(date(2026, 9, 24));
    case.choose("1", Start::ByAge, date(2026, 11, 23));
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 12, 31)),
        ["2026-11-23 c1 S3 AED 400.00", "2026-12-04 c1 S4 AED 400.00",]
    );
}

#[test]
fn by_its_age_or_not_nobody_gets_a_firm_word_first() {
    let mut case = seen_today(date(2026, 9, 24));
    case.history.delivered.clear();
    case.choose("1", Start::ByAge, date(2026, 11, 23));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn case_58_approved_today_with_a_due_date_60_days_ago_sends_nothing() {
    assert_eq!(seen_today(date(2026, 9, 24)).told(), ["backlog_unconfirmed"]);
}

#[test]
fn the_owner_is_asked_about_what_is_more_than_30_days_overdue() {
    let mut case = seen_today(date(2026, 10, 24));
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
    case.first_invoice().invoice.due = Some(date(2026, 10, 23));
    assert_eq!(case.held(), [("backlog_unconfirmed", None)]);
}

#[test]
fn an_invoice_that_grew_old_under_our_eyes_needs_no_choice() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 9, 1));
    assert_eq!(case.told(), ["sequence_finished"]);
}

#[test]
fn a_policy_that_is_switched_on_over_old_invoices_asks_first() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 10, 1));
    case.policy().active_since = Some(case.now);
    assert_eq!(case.held(), [("backlog_unconfirmed", None)]);
}

#[test]
fn whatever_waits_for_the_owner_is_listed_for_the_owner_until_it_is_decided_or_has_begun() {
    let listed = |case: &Case| -> Vec<String> {
        let all = undecided(&case.organisation, &case.ledger, &case.policies, &case.history, case.now);
        all.into_iter().map(|(due, open)| format!("{} {due}", open.invoice.id.as_str())).collect()
    };
    let mut switched_on = case();
    switched_on.first_invoice().invoice.due = Some(date(2026, 10, 1));
    assert_eq!(listed(&switched_on), Vec::<String>::new());
    switched_on.policy().active_since = Some(switched_on.now);
    let mut included = case();
    included.first_invoice().invoice.due = Some(date(2026, 10, 1));
    let file = CustomerFile { included_since: Some(included.now), ..CustomerFile::default() };
    included.history.files.insert(contact_ref("c1"), file);
    for mut case in [seen_today(date(2026, 10, 1)), switched_on, included] {
        assert_eq!(
            (case.told(), listed(&case)),
            (vec!["backlog_unconfirmed".to_owned()], vec!["1 2026-10-01".to_owned()])
        );
        case.sent(2, ReminderState::Read, 0);
        assert_eq!(listed(&case), Vec::<String>::new());
        case.history.reminders.clear();
        case.choose("1", Start::LeaveOut, date(2026, 11, 23));
        assert_eq!(listed(&case), Vec::<String>::new());
    }
    assert_eq!(listed(&seen_today(date(2026, 11, 20))), ["1 2026-11-20"]);
}

#[test]
fn case_59_approved_today_and_ten_days_overdue_starts_on_the_third_day_with_the_first_overdue_step() {
    let mut case = seen_today(date(2026, 11, 13));
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
    assert_eq!(case.on(date(2026, 11, 25)), ["no_step_today"]);
    assert_eq!(
        case.run(date(2026, 11, 26), date(2026, 12, 31)),
        ["2026-11-26 c1 S2 AED 400.00", "2026-12-03 c1 S3 AED 400.00", "2026-12-14 c1 S4 AED 400.00",]
    );
}

#[test]
fn a_backlog_that_was_left_out_does_not_keep_others_from_being_chased() {
    let mut case = seen_today(date(2026, 9, 24));
    case.choose("1", Start::LeaveOut, date(2026, 11, 23));
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 100.00"]);
}

/// So many customers, each with a number that was never written to and an invoice 60 days overdue.
fn first_day_of(customers: u32) -> Case {
    let mut case = case();
    case.ledger.contacts.clear();
    case.ledger.invoices.clear();
    (case.history.delivered, case.history.known_numbers) = (BTreeMap::new(), BTreeMap::new());
    for n in 0..customers {
        let id = format!("c{n}");
        case.ledger.contacts.insert(contact_ref(&id), contact(&id, &format!("+97150{:07}", 1_000_000 + n)));
        let mut old = invoice(&n.to_string(), &id, date(2026, 9, 24), "AED 400");
        old.first_seen = case.now;
        case.ledger.invoices.push(old);
    }
    case
}

fn count(told: &[String], what: &str) -> usize {
    told.iter().filter(|one| one.starts_with(what)).count()
}

fn start_all_gently(case: &mut Case) {
    let on = case.organisation.zone.date(case.now);
    for open in &case.ledger.invoices {
        let file = case.history.files.entry(open.invoice.contact.clone()).or_default();
        file.backlog.insert(open.invoice.id.clone(), BacklogChoice { start: Start::Gently, on });
    }
}

#[test]
fn case_71_of_400_overdue_customers_twenty_a_day_hear_from_us_after_the_choice() {
    let mut case = first_day_of(400);
    assert_eq!(count(&case.told(), "backlog_unconfirmed"), 400);
    start_all_gently(&mut case);
    let told = case.told();
    assert_eq!((count(&told, "S2 AED 400.00"), count(&told, "ramp")), (20, 380));
}

#[test]
fn case_71_whoever_waits_behind_the_ramp_hears_from_us_once_it_is_his_turn_and_then_at_the_same_distances() {
    let mut case = first_day_of(30);
    case.organisation.ramp_per_day = Some(2);
    start_all_gently(&mut case);
    let story = case.run(date(2026, 11, 23), date(2027, 1, 15));
    // Fifteen allowed days, two customers a day.
    assert_eq!(count(&story, "2026-12-11 "), 2 + 2 + 2);
    let of = |who: &str| story.iter().filter(|line| line.contains(who)).cloned().collect::<Vec<_>>();
    assert_eq!(
        of(" c0 "),
        ["2026-11-23 c0 S2 AED 400.00", "2026-11-30 c0 S3 AED 400.00", "2026-12-11 c0 S4 AED 400.00"]
    );
    assert_eq!(
        of(" c9 "),
        ["2026-12-11 c9 S2 AED 400.00", "2026-12-18 c9 S3 AED 400.00", "2026-12-29 c9 S4 AED 400.00"]
    );
    assert_eq!(story.iter().filter(|line| line.contains(" S2 ")).count(), 30);
}

#[test]
fn a_late_entry_that_a_person_kept_waiting_enters_afterwards() {
    let mut case = seen_today(date(2026, 11, 13));
    case.file().unread_since = Some(case.now);
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 20)), Vec::<String>::new());
    case.file().unread_since = None;
    assert_eq!(
        case.run(date(2026, 12, 21), date(2026, 12, 31)),
        ["2026-12-21 c1 S2 AED 400.00", "2026-12-28 c1 S3 AED 400.00"]
    );
}

#[test]
fn an_invoice_that_was_seen_on_its_due_date_is_not_late() {
    let mut case = seen_today(date(2026, 11, 23));
    *case.policy() = Policy { state: PolicyState::Active, ..Preset::Firm.policy(None, Timestamp::UNIX_EPOCH) };
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn an_invoice_that_was_seen_a_little_late_does_not_begin_before_the_day_of_its_first_step() {
    let mut case = seen_today(date(2026, 11, 20));
    *case.policy() = Policy { state: PolicyState::Active, ..Preset::Gentle.policy(None, Timestamp::UNIX_EPOCH) };
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 12, 31)),
        ["2026-11-27 c1 S2 AED 400.00", "2026-12-11 c1 S3 AED 400.00"]
    );
}

#[test]
fn what_entered_on_time_lapses_as_ever_though_it_was_seen_a_little_late() {
    let mut case = seen_today(date(2026, 11, 20));
    *case.policy() = Policy { state: PolicyState::Active, ..Preset::Gentle.policy(None, Timestamp::UNIX_EPOCH) };
    assert_eq!(case.on(date(2026, 12, 2)), ["S2 AED 400.00"]);
    assert_eq!(case.on(date(2026, 12, 3)), ["no_step_today"]);
}
