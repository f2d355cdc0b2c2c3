//! What holds for every ledger.

use proptest::prelude::*;

use super::*;

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
        let units: BTreeSet<Unit> = Scene::of(&case.ledger).units.into_keys().collect();
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
