//! Which policy applies, and what its state means for its audience.

use super::*;
use crate::{
    id::PolicyId,
    policy::{
        Step,
        audience::{Audience, Membership},
    },
};

/// An active policy with the one step that is told by its number.
fn policy(number: u16, audience: Audience) -> Policy {
    let steps = vec![Step { id: StepId(number), offset_days: 10, tone: Tone::Gentle, text: None }];
    let standard = Policy::standard(Timestamp::UNIX_EPOCH);
    Policy { state: PolicyState::Active, audience, steps, version: u32::from(number), ..standard }
}

fn group(priority: u16, member: Membership) -> Audience {
    Audience::Group { priority, members: vec![member] }
}

fn chosen() -> Membership {
    Membership::Chosen(BTreeSet::from([contact_ref("c1")]))
}

#[test]
fn a_single_customers_policy_wins_over_its_groups_and_a_groups_over_the_organisations() {
    let mut case = case();
    case.policies.others.push(policy(11, group(1, chosen())));
    assert_eq!(case.told(), ["S11 AED 400.00"]);
    case.policies.others.push(policy(12, Audience::Customer(contact_ref("c1"))));
    assert_eq!(case.told(), ["S12 AED 400.00"]);
    assert_eq!(case.plan().decisions[0].policy_version, 12);
}

#[test]
fn of_two_groups_the_smaller_number_wins_in_whatever_order_they_stand() {
    let mut case = case();
    case.policies.others = vec![policy(11, group(7, chosen())), policy(12, group(3, chosen()))];
    assert_eq!(case.told(), ["S12 AED 400.00"]);
    case.policies.others.reverse();
    assert_eq!(case.told(), ["S12 AED 400.00"]);
}

#[test]
fn a_draft_falls_through_to_the_next_wider_policy() {
    let mut case = case();
    let draft = Policy { state: PolicyState::Draft, ..policy(12, Audience::Customer(contact_ref("c1"))) };
    case.policies.others = vec![draft, policy(11, group(1, chosen()))];
    assert_eq!(case.told(), ["S11 AED 400.00"]);
}

#[test]
fn a_policy_that_was_switched_off_keeps_its_audience_silent() {
    let mut case = case();
    let off = Policy { state: PolicyState::Inactive, ..policy(12, Audience::Customer(contact_ref("c1"))) };
    case.policies.others = vec![off, policy(11, group(1, chosen()))];
    assert_eq!(case.told(), ["policy_inactive"]);
}

#[test]
fn a_group_is_joined_by_hand_by_the_ledgers_group_by_the_debt_or_by_the_country_of_the_number() {
    let aed = "AED".parse().unwrap();
    for (member, told) in [
        (Membership::LedgerGroup("wholesale".to_owned()), "S11 AED 400.00"),
        (Membership::LedgerGroup("Retail".to_owned()), "S3 AED 400.00"),
        (Membership::OwesAtLeast { currency: aed, minor: 40_000 }, "S11 AED 400.00"),
        (Membership::OwesAtLeast { currency: aed, minor: 40_001 }, "S3 AED 400.00"),
        (Membership::NumberOf("AE".parse().unwrap()), "S11 AED 400.00"),
        (Membership::NumberOf("GB".parse().unwrap()), "S3 AED 400.00"),
        (Membership::Chosen(BTreeSet::from([contact_ref("c2")])), "S3 AED 400.00"),
    ] {
        let mut case = case();
        case.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().groups = vec!["Wholesale".to_owned()];
        case.policies.others.push(policy(11, group(1, member)));
        assert_eq!(case.told(), [told]);
    }
}

#[test]
fn what_another_policy_said_already_is_not_said_again() {
    // A step that is none of this policy's, on the day of its third step.
    let told_by_another = |tone: Tone| {
        let mut case = case();
        case.reminded(Occasion::Step(StepId(12)), ReminderState::Read, 0, date(2026, 11, 23));
        case.history.reminders.values_mut().flatten().for_each(|past| past.tone = tone);
        case
    };
    let mut gentle = told_by_another(Tone::Gentle);
    assert_eq!(gentle.on(date(2026, 11, 25)), ["S3 AED 400.00"]);
    let mut firm = told_by_another(Tone::Firm);
    assert_eq!(firm.on(date(2026, 11, 25)), ["no_step_today"]);
    assert_eq!(firm.on(date(2026, 12, 4)), ["S4 AED 400.00"]);
    let mut not_sent = told_by_another(Tone::Firm);
    let nobody_heard = ReminderState::NotSent { code: 131_042 };
    not_sent.history.reminders.values_mut().flatten().for_each(|past| past.state = nobody_heard.clone());
    assert_eq!(not_sent.on(date(2026, 11, 25)), ["S3 AED 400.00"]);
}

#[test]
fn a_policy_that_was_read_anew_takes_the_place_of_the_old_one_and_a_deleted_one_leaves_it() {
    let numbered =
        |number: u16| Policy { id: number.to_string().parse().unwrap(), ..policy(number, Audience::Organisation) };
    let id = |policy: &Policy| (policy.id.to_string(), policy.version);
    let mut policies = case().policies;
    policies.others = vec![numbered(11), numbered(12)];
    policies.renew(&numbered(11).id, Some(Policy { version: 99, ..numbered(11) }));
    policies.renew(&numbered(12).id, None);
    let default = PolicyId::organisation_default();
    policies.renew(&default, None);
    assert_eq!(policies.all().map(id).collect::<Vec<_>>(), [("default".to_owned(), 1), ("11".to_owned(), 99)]);
    policies.renew(&default, Some(Policy { version: 3, ..policies.organisation_default.clone() }));
    assert_eq!(policies.get(&default).map(id), Some(("default".to_owned(), 3)));
}

#[test]
fn a_group_by_debt_looks_at_what_is_open_of_the_customer_alone_and_never_adds_currencies() {
    let mut case = case();
    for (id, customer, owed) in
        [("2", "c1", "AED 100"), ("3", "c1", "USD 50"), ("4", "c0", "AED 900"), ("5", "c2", "AED 900")]
    {
        case.ledger.invoices.push(invoice(id, customer, date(2026, 11, 13), owed));
    }
    case.ledger.invoices.push(invoice("6", "c1", date(2026, 11, 13), "AED 700"));
    case.ledger.invoices[5].invoice.status = InvoiceStatus::Paid;
    let (aed, usd) = ("AED".parse().unwrap(), "USD".parse().unwrap());
    assert_eq!(case.ledger.balances_of(&contact_ref("c1")), BTreeMap::from([(aed, 50_000), (usd, 5_000)]));
    for (minor, told) in [(50_000, "S11 AED 500.00"), (50_001, "S3 AED 500.00")] {
        case.policies.others = vec![policy(11, group(1, Membership::OwesAtLeast { currency: aed, minor }))];
        let plan = case.plan();
        let first = plan.decisions.iter().filter_map(Decision::send).next().unwrap();
        assert_eq!(format!("{} {}", first.occasion, first.total), told);
    }
}
