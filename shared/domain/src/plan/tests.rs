//! The planner's rules and acceptance cases, by name.

use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    calendar::{SendCalendar, Window},
    invoice::{InvoiceStatus, Marked},
    money::Money,
    organisation::{Attestation, Pause},
    phone::PhoneError,
    plan::recheck::{Recheck, recheck},
    policy::StepId,
};

fn connection() -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(1))
}

fn contact_ref(id: &str) -> ContactRef {
    ContactRef { connection: connection(), contact: id.parse().unwrap() }
}

fn contact(id: &str, number: &str) -> Contact {
    Contact {
        at: contact_ref(id),
        name: format!("Customer {id}"),
        status: ContactStatus::Active,
        number: ContactNumber::Usable {
            number: number.parse().unwrap(),
            key: number.replace('+', "k").parse().unwrap(),
        },
        first_key: number.replace('+', "k").parse().ok(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn invoice(id: &str, contact: &str, due: Date, remaining: &str) -> Invoice {
    let (code, amount) = remaining.split_once(' ').unwrap();
    let remaining = Money::parse_decimal(amount, code.parse().unwrap()).unwrap();
    Invoice {
        id: id.parse().unwrap(),
        contact: contact_ref(contact),
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: Some(due.saturating_sub(jiff::Span::new().days(30))),
        due: Some(due),
        total: remaining,
        remaining,
        marked: Marked::Sent,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

struct Case {
    organisation: Organisation,
    ledger: Ledger,
    policies: Policies,
    history: History,
    now: Timestamp,
}

/// Monday 23 November 2026, 10:00 in Dubai; one customer, ten days overdue with AED 400.
fn case() -> Case {
    let mut organisation = Organisation::new("org_a".parse().unwrap());
    organisation.zone = "Asia/Dubai".parse().unwrap();
    organisation.attestation = Some(Attestation {
        version: 1,
        by: "user_a".parse().unwrap(),
        at: Timestamp::UNIX_EPOCH,
        authorised_by: String::new(),
    });
    let mut policy = Policy::standard(Timestamp::UNIX_EPOCH);
    policy.state = PolicyState::Active;
    let mut ledger = Ledger::default();
    ledger.connections.insert(connection(), LedgerState::Readable);
    ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971501234567"));
    ledger.invoices.push(invoice("1", "c1", date(2026, 11, 13), "AED 400"));
    let channel = Channel {
        sender: ChannelState::Ready,
        approved: BTreeSet::from([
            Purpose::Upcoming,
            Purpose::OverdueGentle,
            Purpose::OverdueFirm,
            Purpose::OverdueFinal,
        ]),
    };
    Case {
        organisation,
        ledger,
        policies: Policies { organisation_default: policy },
        history: History { channel, ..History::default() },
        now: "2026-11-23T06:00:00Z".parse().unwrap(),
    }
}

impl Case {
    fn plan(&self) -> Plan {
        plan(&self.organisation, &self.ledger, &self.policies, &self.history, self.now)
    }

    /// `S3 AED 400.00` for a send, the codes for a skip; one entry per unit.
    fn told(&self) -> Vec<String> {
        self.plan()
            .decisions
            .iter()
            .map(|decision| match &decision.outcome {
                Outcome::Send(send) => format!("{} {}", send.occasion, send.total),
                Outcome::Skip { reasons } => reasons.iter().map(|r| r.code.code()).collect::<Vec<_>>().join(" "),
            })
            .collect()
    }

    fn recheck(&self, planned: &PlannedSend) -> Recheck {
        let is_open = self.ledger.invoices.iter().any(|invoice| invoice.id == planned.anchor && invoice.is_open());
        recheck(planned, self.plan().decisions.pop(), is_open)
    }

    fn sent(&mut self, step: u16, state: ReminderState, times_expired: usize) {
        self.history.reminders.push(SentReminder {
            key: ReminderKey {
                contact: contact_ref("c1"),
                currency: "AED".parse().unwrap(),
                anchor: "1".parse().unwrap(),
                cycle: 1,
                occasion: Occasion::Step(StepId(step)),
            },
            state,
            times_expired,
            recipient: "k971501234567".parse().unwrap(),
        });
    }
}

#[test]
fn a_customer_ten_days_overdue_gets_the_step_of_that_day() {
    let plan = case().plan();
    let decision = &plan.decisions[0];
    let send = decision.send().unwrap();
    assert_eq!(
        (plan.date, send.occasion, send.tone),
        (date(2026, 11, 23), Occasion::Step(StepId(3)), crate::policy::Tone::Firm)
    );
    assert_eq!(send.superseded, [StepId(1), StepId(2)]);
    assert_eq!(send.at, "2026-11-23T06:00:00Z".parse::<Timestamp>().unwrap());
}

#[test]
fn case_1_an_invoice_due_today_is_not_overdue() {
    let mut case = case();
    case.ledger.invoices[0].due = Some(date(2026, 11, 23));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.overdue), (Occasion::Step(StepId(1)), false));
}

#[test]
fn case_2_due_yesterday_in_utc_is_not_yet_overdue_further_west() {
    let mut case = case();
    case.organisation.zone = "America/Los_Angeles".parse().unwrap();
    case.policies.organisation_default.calendar =
        SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() };
    case.ledger.invoices[0].due = Some(date(2026, 11, 22));
    case.now = "2026-11-23T05:00:00Z".parse().unwrap();
    assert!(!case.plan().decisions[0].send().unwrap().overdue);
}

#[test]
fn case_3_drafts_and_void_and_deleted_invoices_are_never_selected() {
    for status in [
        InvoiceStatus::Draft,
        InvoiceStatus::Submitted,
        InvoiceStatus::Paid,
        InvoiceStatus::Voided,
        InvoiceStatus::Deleted,
    ] {
        let mut case = case();
        case.ledger.invoices[0].status = status;
        assert_eq!(case.told(), Vec::<String>::new(), "{status:?}");
    }
}

#[test]
fn case_7_an_invoice_without_due_date_is_skipped_with_that_reason() {
    let mut case = case();
    case.ledger.invoices[0].due = None;
    assert_eq!(case.told(), ["no_due_date"]);
}

#[test]
fn case_9_a_remainder_below_the_minimum_is_neither_chased_nor_listed() {
    let mut case = case();
    case.ledger.invoices[0].remaining.minor = 37;
    assert_eq!(case.told(), ["below_minimum"]);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 100.00"]);
}

#[test]
fn a_total_below_the_policys_minimum_is_skipped() {
    let mut case = case();
    case.policies.organisation_default.minimum_total.insert("AED".parse().unwrap(), 40_001);
    assert_eq!(case.told(), ["below_minimum"]);
}

#[test]
fn case_10_and_11_lines_show_what_is_left_and_the_total_is_their_sum() {
    let mut case = case();
    case.ledger.invoices[0].remaining.minor = 30_000;
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let lines: Vec<String> = send.lines.iter().map(|line| format!("{} {}", line.number, line.remaining)).collect();
    assert_eq!(
        (lines, send.total.to_string()),
        (vec!["INV-1 AED 300.00".to_owned(), "INV-2 AED 100.00".to_owned()], "AED 400.00".to_owned())
    );
}

#[test]
fn case_12_a_step_14_days_before_the_due_date_is_planned_on_its_day() {
    let mut case = case();
    case.policies.organisation_default.steps[0].offset_days = -14;
    case.ledger.invoices[0].due = Some(date(2024, 3, 31));
    case.ledger.invoices[0].issued = Some(date(2024, 3, 1));
    for (now, expected) in [("2024-03-15T06:00:00Z", "no_step_today"), ("2024-03-18T06:00:00Z", "S1 AED 400.00")] {
        case.now = now.parse().unwrap();
        assert_eq!(case.told(), [expected]);
    }
    case.now = "2024-03-15T06:00:00Z".parse().unwrap();
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2024, 3, 17)));
}

#[test]
fn case_15_no_step_is_chosen_between_two_steps_once_the_lower_one_was_sent() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    assert_eq!(case.told(), ["no_step_today"]);
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2026, 12, 4)));
}

#[test]
fn a_lower_step_is_never_sent_after_a_higher_one() {
    let mut case = case();
    case.sent(4, ReminderState::Delivered, 0);
    assert_eq!(case.told(), ["no_step_today"]);
}

#[test]
fn after_the_last_step_the_sequence_is_finished() {
    let mut case = case();
    case.ledger.invoices[0].due = Some(date(2026, 10, 1));
    case.sent(4, ReminderState::Read, 0);
    assert_eq!(case.told(), ["sequence_finished"]);
}

#[test]
fn case_19_seven_overdue_invoices_are_five_lines_and_two_more() {
    let mut case = case();
    for n in 2..=7 {
        case.ledger.invoices.push(invoice(
            &n.to_string(),
            "c1",
            date(2026, 11, 13 - i8::try_from(n).unwrap()),
            "AED 100",
        ));
    }
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let listed: Vec<&str> = send.lines.iter().map(|line| line.invoice.as_str()).collect();
    assert_eq!(
        (listed, send.more, send.total.to_string()),
        (vec!["7", "6", "5", "4", "3"], 2, "AED 1,000.00".to_owned())
    );
}

#[test]
fn case_20_an_overdue_message_does_not_mention_what_is_not_due() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 25), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn case_22_two_currencies_are_two_units_and_one_message() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 10), "USD 100"));
    assert_eq!(case.told(), ["number_daily_cap", "S3 USD 100.00"]);
}

#[test]
fn of_two_customers_with_one_number_the_one_who_waited_longest_gets_the_message() {
    let mut case = case();
    case.ledger.contacts.insert(contact_ref("c2"), contact("c2", "+971501234567"));
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 1), "AED 100"));
    assert_eq!(case.told(), ["number_daily_cap", "S4 AED 100.00"]);
}

#[test]
fn a_number_on_three_customers_is_held_for_all_of_them() {
    let mut case = case();
    for other in ["c2", "c3"] {
        case.ledger.contacts.insert(contact_ref(other), contact(other, "+971501234567"));
    }
    assert_eq!(case.told(), ["number_shared"]);
}

#[test]
fn a_number_that_got_a_message_today_gets_no_other() {
    let mut case = case();
    let send = crate::fuse::FusedSend {
        date: date(2026, 11, 23),
        at: case.now,
        attempt: crate::id::AttemptId::new(Uuid::nil()),
    };
    case.history.fuses.insert("k971501234567".parse().unwrap(), Fuse::default().with(send));
    assert_eq!(case.told(), ["number_daily_cap"]);
}

#[test]
fn every_standing_reason_is_told_in_the_order_of_the_list() {
    let mut case = case();
    case.organisation.pause = Some(Pause { since: case.now, by: PausedBy::Member("user_a".parse().unwrap()) });
    case.organisation.attestation = None;
    case.policies.organisation_default.state = PolicyState::Draft;
    case.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().number =
        ContactNumber::Unusable { why: PhoneError::NotMobile };
    case.ledger.connections.insert(connection(), LedgerState::Unreadable);
    case.history.consents.opted_out_contacts.insert(contact_ref("c1"));
    assert_eq!(
        case.told(),
        ["organisation_paused policy_inactive opted_out no_consent_basis number_unusable ledger_unreadable"]
    );
}

#[test]
fn each_single_obstacle_is_told_by_its_own_code() {
    type Change = fn(&mut Case);
    let obstacles: [(&str, Change); 13] = [
        ("policy_inactive", |c| c.policies.organisation_default.state = PolicyState::Inactive),
        ("operator_pause", |c| c.organisation.pause = Some(Pause { since: c.now, by: PausedBy::Operator })),
        ("opted_out", |c| {
            c.history.consents.opted_out_numbers.insert("k971501234567".parse().unwrap());
        }),
        ("no_consent_basis", |c| c.organisation.attestation = None),
        ("no_consent_basis", |c| c.ledger.invoices[0].issued = Some(date(2024, 11, 22))),
        ("excluded", |c| c.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().status = ContactStatus::GdprRequest),
        ("no_number", |c| c.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().number = ContactNumber::Missing),
        ("no_number", |c| c.ledger.contacts.clear()),
        ("ledger_unreadable", |c| c.ledger.connections.clear()),
        ("demo_company", |c| {
            c.ledger.connections.insert(connection(), LedgerState::DemoCompany);
        }),
        ("reconnect_needed", |c| c.history.channel.sender = ChannelState::ReconnectNeeded),
        ("sender_blocked", |c| c.history.channel.sender = ChannelState::Blocked),
        ("template_unusable", |c| c.history.channel.approved.clear()),
    ];
    for (expected, change) in obstacles {
        let mut case = case();
        change(&mut case);
        assert_eq!(case.told(), [expected]);
    }
}

#[test]
fn an_explicit_opt_in_is_a_basis_without_attestation() {
    let mut case = case();
    case.organisation.explicit_opt_in_only = true;
    assert_eq!(case.told(), ["no_consent_basis"]);
    case.history.consents.opted_in_numbers.insert("k971501234567".parse().unwrap());
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn case_54_a_number_that_is_not_on_whatsapp_is_not_tried_again() {
    let mut case = case();
    case.sent(2, ReminderState::Failed { code: 131_026 }, 0);
    assert_eq!(case.told(), ["not_on_whatsapp"]);
}

#[test]
fn nothing_goes_to_a_customer_whose_last_message_is_in_doubt() {
    let mut case = case();
    case.sent(2, ReminderState::Unknown, 0);
    assert_eq!(case.told(), ["outcome_unknown"]);
}

#[test]
fn case_67_an_expired_message_is_tried_once_more_at_the_same_step_and_then_never() {
    let mut case = case();
    case.sent(3, ReminderState::Expired, 1);
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.history.reminders.clear();
    case.sent(3, ReminderState::Expired, 2);
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn outside_the_hours_nothing_goes_out_and_the_next_allowed_day_is_named() {
    let mut case = case();
    case.now = "2026-11-28T06:00:00Z".parse().unwrap();
    assert_eq!(case.told(), ["no_step_today"]);
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2026, 11, 30)));
}

#[test]
fn an_invoice_whose_sequence_is_finished_makes_room_for_the_next_one_but_is_still_listed() {
    let mut case = case();
    case.ledger.invoices[0].due = Some(date(2026, 10, 1));
    case.sent(4, ReminderState::Read, 0);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 18), "AED 100"));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!(
        (send.anchor.as_str(), send.occasion, send.total.to_string()),
        ("2", Occasion::Step(StepId(2)), "AED 500.00".to_owned())
    );
}

#[test]
fn two_undelivered_messages_stop_the_whole_sequence() {
    let mut case = case();
    case.sent(2, ReminderState::Expired, 2);
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn the_minimum_is_held_against_what_the_message_asks_for() {
    let mut case = case();
    case.policies.organisation_default.minimum_total.insert("AED".parse().unwrap(), 40_001);
    case.ledger.invoices.push(invoice("2", "c1", date(2027, 1, 20), "AED 1000"));
    assert_eq!(case.told(), ["below_minimum"]);
}

#[test]
fn case_70_a_number_that_changed_waits_for_the_owners_word() {
    let mut case = case();
    case.ledger
        .contacts
        .insert(contact_ref("c1"), Contact { first_key: "kold".parse().ok(), ..contact("c1", "+971501234567") });
    assert_eq!(case.told(), ["no_consent_basis"]);
    case.history.consents.opted_in_numbers.insert("k971501234567".parse().unwrap());
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn an_invoice_that_was_not_approved_is_not_slipped_into_a_message() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[1] = invoice("3", "c1", date(2026, 11, 14), "AED 50");
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
}

#[test]
fn case_24_a_settled_anchor_cancels() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].status = InvoiceStatus::Paid;
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::Settled.into()]));
}

#[test]
fn case_74_a_planned_message_may_shrink_but_not_grow() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].remaining.minor = 20_000;
    let Recheck::Send(smaller) = case.recheck(&planned) else { panic!("it may shrink") };
    assert_eq!(smaller.total.to_string(), "AED 200.00");
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 20), "AED 300"));
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
}

#[test]
fn a_settled_anchor_cancels_even_if_another_invoice_is_overdue() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].status = InvoiceStatus::Paid;
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::Settled.into()]));
}

proptest! {
    #[test]
    fn every_unit_has_one_decision_no_number_two_sends_and_no_skip_is_without_reason(
        invoices in prop::collection::vec((0u8..8, -40i64..40, 1i64..200_000, prop::sample::select(vec!["AED", "USD", "JPY"])), 0..40),
        numbers in prop::collection::vec(0u8..4, 8),
        day in 0i64..400,
    ) {
        let mut case = case();
        case.ledger.contacts.clear();
        case.ledger.invoices.clear();
        case.now = "2026-01-01T06:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(24 * day);
        let today = case.organisation.zone.date(case.now);
        for (n, number) in numbers.iter().enumerate() {
            case.ledger.contacts.insert(contact_ref(&n.to_string()), contact(&n.to_string(), &format!("+97150123456{number}")));
        }
        for (n, (who, days, minor, code)) in invoices.iter().enumerate() {
            let due = today.saturating_add(jiff::Span::new().days(*days));
            let mut open = invoice(&n.to_string(), &who.to_string(), due, &format!("{code} 1"));
            open.remaining = Money::new(*minor, code.parse().unwrap());
            open.total = open.remaining;
            case.ledger.invoices.push(open);
        }
        let plan = case.plan();
        let units: BTreeSet<Unit> = case.ledger.units().into_keys().collect();
        let decided: Vec<Unit> = plan.decisions.iter().map(|d| d.unit.clone()).collect();
        prop_assert_eq!(decided, units.into_iter().collect::<Vec<_>>());
        let mut recipients = BTreeSet::new();
        for decision in &plan.decisions {
            match &decision.outcome {
                Outcome::Send(send) => {
                    prop_assert!(recipients.insert(send.recipient.clone()));
                    prop_assert!(!send.lines.is_empty() && send.lines.len() <= 5);
                    prop_assert!(send.lines.iter().all(|line| line.remaining.currency == send.total.currency));
                    prop_assert!(send.lines.windows(2).all(|pair| pair[0].due <= pair[1].due));
                }
                Outcome::Skip { reasons } => {
                    prop_assert!(!reasons.is_empty());
                    prop_assert!(reasons.windows(2).all(|pair| pair[0].code < pair[1].code));
                }
            }
        }
        prop_assert_eq!(plan, case.plan());
    }
}
