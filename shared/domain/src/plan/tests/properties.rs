//! What holds for every ledger.

use proptest::prelude::*;

use super::*;
use crate::id::ExternalId;

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
            open.invoice.remaining = Money::new(*minor, code.parse().unwrap());
            open.invoice.total = open.invoice.remaining;
            case.ledger.invoices.push(open);
        }
        let plan = case.plan();
        let units: BTreeSet<Unit> = case.ledger.invoices.iter().map(|open| &open.invoice)
            .filter(|invoice| invoice.is_open())
            .map(|invoice| Unit { contact: invoice.contact.clone(), currency: invoice.remaining.currency })
            .collect();
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

/// One customer's share of a mixed case: invoices, past reminders, and what is in the file.
#[derive(Debug, Clone)]
struct Share {
    number: u8,
    invoices: Vec<(i64, i64, &'static str)>,
    past: Vec<(usize, u16, u8, i64)>,
    hold: u8,
    credit: i64,
}

fn share() -> impl Strategy<Value = Share> {
    let invoice = (-60i64..20, 1_000i64..200_000, prop::sample::select(vec!["AED", "AED", "USD", "JPY"]));
    let past = (0usize..4, 1u16..5, 0u8..6, 1i64..30);
    let parts = (
        0u8..5,
        prop::collection::vec(invoice, 0..5),
        prop::collection::vec(past, 0..4),
        0u8..16,
        prop_oneof![4 => Just(0i64), 1 => 1i64..10_000],
    );
    parts.prop_map(|(number, invoices, past, hold, credit)| Share { number, invoices, past, hold, credit })
}

/// Several customers with everything that a plan looks at, on some day of a year at some hour.
fn mixed() -> impl Strategy<Value = Case> {
    (prop::collection::vec(share(), 1..7), 0i64..365, 0i64..24).prop_map(|(shares, day, hour)| {
        let mut case = case();
        case.ledger.contacts.clear();
        case.ledger.invoices.clear();
        case.now = "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day + hour);
        for (n, share) in shares.into_iter().enumerate() {
            put(&mut case, n, share);
        }
        case
    })
}

fn put(case: &mut Case, n: usize, share: Share) {
    let (id, today) = (format!("c{n}"), case.organisation.zone.date(case.now));
    let number = format!("+97150123456{}", share.number);
    case.ledger.contacts.insert(contact_ref(&id), contact(&id, &number));
    for (i, (days, minor, code)) in share.invoices.into_iter().enumerate() {
        let mut open = invoice(&format!("{id}i{i}"), &id, today.saturating_add(days.days()), &format!("{code} 1"));
        open.invoice.remaining.minor = minor;
        open.invoice.total.minor = minor * 2;
        case.ledger.invoices.push(open);
    }
    for (i, step, state, days) in share.past {
        let state = [
            ReminderState::Delivered,
            ReminderState::Read,
            ReminderState::Expired,
            ReminderState::Failed { code: 131_049 },
            ReminderState::NotSent { code: 130_429 },
            ReminderState::Sent,
        ][usize::from(state)]
        .clone();
        let key = ReminderKey {
            contact: contact_ref(&id),
            currency: "AED".parse().unwrap(),
            anchor: format!("{id}i{i}").parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(step)),
        };
        let known = case.history.reminders.get(&contact_ref(&id)).into_iter().flatten().any(|past| past.key == key);
        if !known {
            let sent_on = today.saturating_sub(days.days());
            let tone = case.policy().steps[usize::from(step) - 1].tone;
            let recipient = number.replace('+', "k").parse().unwrap();
            let (counted_from, listed) = (None, vec![key.anchor.clone()]);
            let past = SentReminder {
                key,
                again_from: state.may_be_claimed_again().then_some(Timestamp::MIN),
                state,
                times_expired: 0,
                recipient,
                sender: sender("201"),
                sent_on,
                tone,
                counted_from,
                listed,
                manual: false,
            };
            case.history.remember(contact_ref(&id), past);
        }
    }
    let (now, file) = (case.now, case.history.files.entry(contact_ref(&id)).or_default());
    match share.hold {
        0 => file.unread_since = Some(now),
        1 => file.snoozed_until = today.tomorrow().ok(),
        2 => file.held_on = Some(today),
        3 => {
            case.history.consents.opted_out_contacts.insert(contact_ref(&id));
        }
        _ => {}
    }
    if share.credit > 0 {
        case.ledger.credits.push(Credit {
            id: format!("k{n}").parse().unwrap(),
            kind: crate::credit::CreditKind::Payment,
            contact: contact_ref(&id),
            number: String::new(),
            date: Some(today),
            remaining: Money::new(share.credit, "AED".parse().unwrap()),
            updated_at: now,
        });
    }
}

proptest! {
    #[test]
    fn the_order_of_what_is_given_does_not_matter(mut case in mixed(), turn in 0usize..20) {
        let plan = case.plan();
        case.ledger.invoices.reverse();
        case.ledger.credits.reverse();
        let n = case.ledger.invoices.len();
        case.ledger.invoices.rotate_left(if n == 0 { 0 } else { turn % n });
        for past in case.history.reminders.values_mut() {
            past.reverse();
        }
        let mut again = case.plan();
        for (decision, before) in again.decisions.iter_mut().zip(&plan.decisions) {
            // The keys that a send rests on are a set.
            if let (Outcome::Send(now), Some(before)) = (&mut decision.outcome, before.send()) {
                prop_assert!(now.rests_on.iter().collect::<BTreeSet<_>>() == before.rests_on.iter().collect::<BTreeSet<_>>());
                now.rests_on.clone_from(&before.rests_on);
            }
        }
        prop_assert_eq!(again, plan);
    }

    #[test]
    fn what_was_planned_is_still_right_when_its_time_has_come(mut case in mixed()) {
        let plan = case.plan();
        for decision in &plan.decisions {
            let Some(send) = decision.send() else { continue };
            case.now = send.at;
            let again = case.plan();
            let now = again.decisions.iter().find(|again| again.unit == decision.unit).unwrap();
            prop_assert_eq!(now, decision);
            prop_assert_eq!(recheck(send, Some(now.clone()), true), Recheck::Send(send.clone()));
        }
    }

    #[test]
    fn nothing_goes_out_on_a_closed_day_or_outside_the_hours(case in mixed()) {
        for send in case.plan().decisions.iter().filter_map(Decision::send) {
            let local = case.organisation.zone.local(send.at);
            prop_assert_eq!(local.date(), case.organisation.zone.date(case.now));
            prop_assert!((9..17).contains(&local.hour()) && local.date().weekday().to_monday_zero_offset() < 5);
            prop_assert!(send.at >= case.now);
        }
    }

    #[test]
    fn what_is_settled_is_never_asked_for(mut case in mixed(), paid in prop::collection::vec(any::<bool>(), 30)) {
        for (open, is_paid) in case.ledger.invoices.iter_mut().zip(paid) {
            if is_paid {
                open.invoice.status = InvoiceStatus::Paid;
            }
        }
        let closed = case.ledger.invoices.iter().filter(|open| !open.invoice.is_open());
        let settled: BTreeSet<ExternalId> = closed.map(|open| open.invoice.id.clone()).collect();
        for send in case.plan().decisions.iter().filter_map(Decision::send) {
            prop_assert!(!settled.contains(&send.anchor));
            prop_assert!(send.lines.iter().all(|line| !settled.contains(&line.invoice)));
        }
    }

    #[test]
    fn no_tone_is_firmer_than_what_was_delivered_allows_and_no_step_comes_twice(case in mixed()) {
        let plan = case.plan();
        for decision in &plan.decisions {
            let Some(send) = decision.send() else { continue };
            let past = case.history.reminders.get(&decision.unit.contact).into_iter().flatten();
            let same = past.filter(|past| past.key == send.reminder_key(&decision.unit)).collect::<Vec<_>>();
            let tried_again_on = case.history.files.get(&decision.unit.contact).and_then(|file| file.tried_again_on);
            let may_be_said = |past: &&SentReminder| past.may_be_tried_again(Some(&send.recipient), tried_again_on, send.at);
            prop_assert!(same.iter().all(may_be_said));
            // `case` says that two messages reached one of the numbers before.
            let all = case.history.reminders.values().flatten();
            let mut delivered = all.filter(|past| past.recipient == send.recipient && past.state.is_delivered()).count();
            delivered += if send.recipient == key("+971501234567") { 2 } else { 0 };
            let allowed = [Tone::Gentle, Tone::Firm, Tone::Final][delivered.min(2)];
            prop_assert!(send.tone <= allowed, "{:?} after {delivered}", send.tone);
        }
    }

    #[test]
    fn the_total_is_the_sum_of_all_that_is_told_in_one_currency(case in mixed()) {
        let plan = case.plan();
        let today = plan.date;
        for decision in &plan.decisions {
            let Some(send) = decision.send() else { continue };
            let is_told = |due: Date| if send.overdue { due < today } else { due == send.lines[0].due };
            let told: Vec<&Invoice> = case.ledger.invoices.iter().map(|open| &open.invoice)
                .filter(|one| one.contact == decision.unit.contact && one.remaining.currency == decision.unit.currency)
                .filter(|one| one.due.is_some_and(is_told))
                .filter(|one| one.remaining.minor >= crate::plan::chase::minimum_of(one.total))
                .collect();
            let sum: i64 = told.iter().map(|one| one.remaining.minor).sum();
            prop_assert_eq!(send.total, Money::new(sum, decision.unit.currency));
            prop_assert_eq!(send.lines.len() + send.more, told.len());
        }
    }

    #[test]
    fn a_pause_stops_everybody_and_takes_no_reason_away(mut case in mixed()) {
        let before = case.plan();
        case.organisation.pause = Some(Pause { since: case.now, by: PausedBy::Operator, until: None });
        let paused = case.plan();
        for (paused, before) in paused.decisions.iter().zip(&before.decisions) {
            let reasons = paused.reasons();
            prop_assert_eq!(reasons[0].code, SkipCode::OperatorPause);
            // What caps alone held back is free to go once others are paused.
            let capped = |code| matches!(code, SkipCode::NumberDailyCap | SkipCode::Ramp | SkipCode::MessagingLimit);
            prop_assert!(before.reasons().iter().all(|reason| capped(reason.code) || reasons.contains(reason)));
        }
    }
}
