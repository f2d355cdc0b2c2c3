//! Rules 10 and 12: what waits for the owner.

use super::*;
use crate::{
    customer_file::PaidClaim,
    plan::owner::{OwnerTask, owner_tasks},
};

impl Case {
    /// What waits for the owner at ten o'clock of a day.
    fn waits_on(&mut self, day: Date) -> Vec<OwnerTask> {
        self.now = ten_o_clock(day);
        let Self { organisation, ledger, policies, history, now } = self;
        let plan = plan(organisation, ledger, policies, history, *now);
        owner_tasks(organisation, ledger, policies, history, &plan).told.into_iter().collect()
    }
}

fn unanswered(business_days: u8) -> [OwnerTask; 1] {
    [OwnerTask::ReplyUnanswered { customer: contact_ref("c1"), business_days }]
}

#[test]
fn case_66_the_owner_is_reminded_of_an_unread_reply_after_two_and_after_five_business_days() {
    let mut case = case();
    // Friday 20 November at ten.
    case.file().unread_since = Some(ten_o_clock(date(2026, 11, 20)));
    for (day, waits) in [
        (date(2026, 11, 24), &[][..]),
        (date(2026, 11, 25), &unanswered(2)),
        (date(2026, 11, 27), &unanswered(2)),
        (date(2026, 11, 30), &unanswered(5)),
        (date(2027, 3, 1), &unanswered(5)),
    ] {
        assert_eq!(case.waits_on(day), waits, "{day}");
        assert!(case.told()[0].starts_with("inbound_unread"), "{day}");
    }
    case.file().unread_since = None;
    assert_eq!(case.waits_on(date(2026, 11, 30)), []);
}

#[test]
fn the_owner_is_reminded_twice_by_the_day_on_which_a_hold_ends_by_itself_and_the_task_stays() {
    let mut case = case();
    case.policy().release_holds_after = Some(crate::policy::validate::MIN_RELEASE);
    case.file().waits_to_be_read(ten_o_clock(date(2026, 11, 20)));
    for (day, waits) in [(24, &[][..]), (25, &unanswered(2)), (29, &unanswered(2)), (30, &unanswered(5))] {
        let day = date(2026, 11, day);
        assert_eq!(case.waits_on(day), waits, "{day}");
        assert_eq!(case.told()[0] == "inbound_unread", day < date(2026, 11, 30), "{day}");
    }
    assert_eq!(case.waits_on(date(2027, 3, 1)), unanswered(5));
}

#[test]
fn a_claim_to_have_paid_waits_for_the_owner_until_the_ledger_settles_it() {
    let mut case = case();
    let claim = |invoice: &str| {
        Some(PaidClaim { at: ten_o_clock(date(2026, 11, 20)), invoices: BTreeSet::from([invoice.parse().unwrap()]) })
    };
    case.file().paid_claim = claim("1");
    assert_eq!(case.waits_on(date(2026, 11, 25)), unanswered(2));
    case.file().paid_claim = claim("settled-by-now");
    assert_eq!(case.waits_on(date(2026, 11, 25)), []);
    // Nor is what another customer still owes under the same id, or what is listed as paid.
    case.file().paid_claim = claim("2");
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 13), "AED 400"));
    assert_eq!(case.waits_on(date(2026, 11, 25)), []);
    case.file().paid_claim = claim("1");
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.waits_on(date(2026, 11, 25)), []);
}

#[test]
fn a_customer_whose_sequence_is_finished_waits_for_the_owner_once_whatever_the_currencies() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "USD 400"));
    case.run(date(2026, 11, 23), date(2027, 1, 31));
    let finished = OwnerTask::SequenceFinished(contact_ref("c1"));
    assert_eq!(case.waits_on(date(2027, 2, 1)), std::slice::from_ref(&finished));
    // A hold stands before it for a while; nobody is told again afterwards.
    case.file().unread_since = Some(case.now);
    let Case { organisation, ledger, policies, history, .. } = &case;
    let tasks = owner_tasks(organisation, ledger, policies, history, &case.plan());
    assert_eq!((tasks.told, tasks.kept), (BTreeSet::new(), BTreeSet::from([finished])));
}

#[test]
fn two_failures_in_a_row_wait_for_the_owner_until_the_number_is_tried_again_or_is_another_one() {
    // Not deliverable, which is the recipient's own trouble, and dropped by Meta.
    for second in [ReminderState::Failed { code: 131_049 }, ReminderState::Expired] {
        let mut case = case();
        let undelivered = [OwnerTask::UndeliveredTwice(contact_ref("c1"))];
        case.reminded(Occasion::Step(StepId(1)), ReminderState::Failed { code: 131_049 }, 0, date(2026, 11, 10));
        case.sent(2, second, 1);
        assert_eq!(case.waits_on(date(2026, 11, 24)), undelivered);
        assert_eq!(case.waits_on(date(2026, 12, 24)), undelivered);
        case.file().tried_again_on = Some(date(2026, 11, 24));
        assert_eq!(case.waits_on(date(2026, 11, 24)), []);
        case.file().tried_again_on = None;
        case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
        assert_eq!(case.waits_on(date(2026, 11, 24)), []);
    }
}

#[test]
fn case_54_a_number_that_is_not_on_whatsapp_waits_for_the_owner_and_is_not_tried_daily() {
    for state in [ReminderState::Failed { code: 131_026 }, ReminderState::NotSent { code: 131_026 }] {
        let mut case = case();
        let not_there = [OwnerTask::NotOnWhatsapp(contact_ref("c1"))];
        case.sent(2, state, 0);
        for day in [date(2026, 11, 24), date(2026, 11, 25), date(2027, 1, 24)] {
            assert_eq!(case.waits_on(day), not_there, "{day}");
            assert!(case.told()[0].starts_with("not_on_whatsapp"), "{day}");
        }
        // Who paid all the same is nobody's task.
        case.first_invoice().invoice.status = InvoiceStatus::Paid;
        assert_eq!(case.waits_on(date(2027, 1, 24)), []);
    }
}

#[test]
fn a_number_of_which_somebody_said_that_it_is_the_wrong_one_is_not_used_again_and_waits_for_the_owner() {
    let mut case = case();
    case.file().unlinked.insert(key("+971501234567"));
    assert_eq!(case.waits_on(date(2026, 11, 23)), [OwnerTask::WrongNumber(contact_ref("c1"))]);
    assert_eq!(case.told(), ["number_unusable"]);
    // The ledger has another number by now, which an opt-in speaks for.
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    case.history.consents.opted_in_numbers.insert(key("+971507654321"));
    assert_eq!(case.waits_on(date(2026, 11, 23)), []);
    assert_eq!(case.told()[0].split(' ').next(), Some("S2"));
}

#[test]
fn what_somebody_wrote_who_owes_nothing_waits_for_the_owner_as_well() {
    let mut case = case();
    case.file().unread_since = Some(ten_o_clock(date(2026, 11, 20)));
    case.file().unlinked.insert(key("+971501234567"));
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    let [unanswered] = unanswered(2);
    assert_eq!(case.waits_on(date(2026, 11, 25)), [OwnerTask::WrongNumber(contact_ref("c1")), unanswered]);
    assert_eq!(case.told(), Vec::<String>::new());
}

#[test]
fn the_owner_is_reminded_by_the_working_week_of_the_customers_own_policy() {
    let mut case = case();
    case.file().unread_since = Some(ten_o_clock(date(2026, 11, 20)));
    let mut own = case.policies.organisation_default.clone();
    own.audience = crate::policy::audience::Audience::Customer(contact_ref("c1"));
    own.calendar.week = [Some(Window::whole_day()); 7];
    case.policies.others.push(own);
    // From Friday over the week-end: Saturday and Sunday are business days there.
    assert_eq!(case.waits_on(date(2026, 11, 22)), []);
    assert_eq!(case.waits_on(date(2026, 11, 23)), unanswered(2));
}
