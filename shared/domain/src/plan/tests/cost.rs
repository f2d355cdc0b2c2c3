//! Rule 6: what messages may cost in a month.

use super::*;
use crate::{
    cost::{Cost, CostCap},
    money::Currency,
    plan::{
        decision::Charge,
        owner::{OwnerTask, owner_tasks},
    },
};

/// USD 1 a month; 0.20 to the Emirates and 0.40 to everywhere else.
fn one_dollar() -> Option<CostCap> {
    let rates = BTreeMap::from([("AE".parse().unwrap(), 200_000)]);
    Some(CostCap { per_month: Money::new(100, usd()), rates, rate_elsewhere: 400_000, valid_from: None, read_on: None })
}

fn usd() -> Currency {
    "USD".parse().unwrap()
}

#[test]
fn what_the_cost_cap_leaves_no_room_for_waits_for_the_next_month() {
    let mut case = case();
    case.organisation.cost_cap = one_dollar();
    case.history.channel.spent_this_month = 800_000;
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.history.channel.spent_this_month = 800_001;
    assert_eq!(case.held(), [("cost_cap", Some(date(2026, 12, 1)))]);
    // In another country the same message costs more.
    case.history.channel.spent_this_month = 800_000;
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+447400123456"));
    assert_eq!(case.held(), [("cost_cap", Some(date(2026, 12, 1)))]);
    case.organisation.cost_cap = None;
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn under_the_cost_cap_the_most_urgent_go_first_and_each_knows_what_was_spent_before() {
    let mut case = case();
    case.organisation.cost_cap = one_dollar();
    case.history.channel.spent_this_month = 500_000;
    for (id, number, due) in [
        ("c0", "+971501234560", date(2026, 11, 26)),
        ("c2", "+971501234562", date(2026, 11, 12)),
        ("c3", "+971501234563", date(2026, 11, 26)),
    ] {
        case.ledger.contacts.insert(contact_ref(id), contact(id, number));
        case.ledger.invoices.push(invoice(id, id, due, "AED 400"));
        case.history.delivered.insert(key(number), 2);
    }
    let decisions = case.plan().decisions;
    let told: Vec<Result<Charge, SkipCode>> = decisions
        .iter()
        .map(|one| one.send().and_then(|send| send.charge).ok_or_else(|| one.reasons()[0].code))
        .collect();
    let charge = |spent_before| Ok(Charge { cost: Cost { millionths: 200_000, currency: usd() }, spent_before });
    let full = Err(SkipCode::CostCap);
    // The longest overdue first, and nothing that is not due yet.
    assert_eq!(told, [full, charge(700_000), charge(500_000), full]);
    let plan = case.plan();
    let tasks = owner_tasks(&case.organisation, &case.ledger, &case.policies, &case.history, &plan).told;
    assert_eq!(Vec::from_iter(tasks), [OwnerTask::CostCapReached { month: date(2026, 11, 1) }]);
}

#[test]
fn without_a_cap_nothing_is_charged() {
    assert_eq!(case().plan().decisions[0].send().unwrap().charge, None);
}
