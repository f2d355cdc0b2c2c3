use jiff::Timestamp;
use numo_domain::{
    calendar::Window,
    contact::ContactRef,
    id::{ConnectionId, PolicyId},
    policy::{
        Approval, Caps, PolicyState, StepId, WhoseClock,
        audience::Membership,
        presets::Preset,
        repeat::{Every, Repeat},
    },
};

use super::*;

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn customer(id: &str) -> ContactRef {
    ContactRef { connection: ConnectionId::new(uuid::Uuid::nil()), contact: id.parse().unwrap() }
}

fn read_back(fields: &Fields, policy: &Policy) -> Result<Policy, Wrong> {
    let read = read(fields, &policy.id, (policy.state, Some(policy)), now())?;
    let Policy { version, highest_step, active_since, edited_at, .. } = policy.clone();
    Ok(Policy { version, highest_step, active_since, edited_at, ..read })
}

/// A policy that has something of everything.
fn full() -> Policy {
    let window = |from: &str, to: &str| Window::new(from.parse().unwrap(), to.parse().unwrap()).ok();
    let mut policy = Preset::Firm.policy("AE".parse().ok(), now());
    policy.calendar.week[6] = window("10:30", "24:00");
    policy.calendar.closed = ["2026-12-02", "2026-12-03"].map(|date| date.parse().unwrap()).into();
    policy.calendar.overrides = [
        ("2026-12-24".parse().unwrap(), window("09:00", "12:00")),
        ("2026-12-25".parse().unwrap(), None),
        ("2027-01-02".parse().unwrap(), window("00:00", "24:00")),
    ]
    .into();
    policy.steps[3].text = Some(Purpose::Statement);
    Policy {
        id: "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
        name: "Large <customers> & \"friends\"".to_owned(),
        audience: Audience::Group {
            priority: 7,
            members: vec![
                Membership::Chosen([customer("c/1"), customer("c-2")].into()),
                Membership::LedgerGroup("Key accounts, large".to_owned()),
                Membership::OwesAtLeast { currency: "KWD".parse().unwrap(), minor: 1_234_567 },
                Membership::NumberOf("AE".parse().unwrap()),
                Membership::NumberOf("GB".parse().unwrap()),
            ],
        },
        state: PolicyState::Active,
        repeat: Some(Repeat { every: Every::Months(2), at_most: 3 }),
        clock: WhoseClock::Customer,
        caps: Caps { gap_days: 4, per_seven_days: 1 },
        minimum_total: [("AED".parse().unwrap(), 123_450), ("JPY".parse().unwrap(), 5_000)].into(),
        catch_up_days: 0,
        only_marked_sent: true,
        hold_when_we_owe: false,
        thank_you: true,
        pay_link: true,
        pdf: true,
        release_holds_after: Some(9),
        language: Some(numo_domain::language::Language::Portuguese),
        approval: Approval::Automatic,
        ..policy
    }
}

#[test]
fn a_form_that_nobody_touched_is_the_policy_that_it_was_made_of() {
    let of_customer = Policy { audience: Audience::Customer(customer("c-1")), ..full() };
    let presets = Preset::ALL.map(|preset| preset.policy(None, now()));
    for policy in presets.into_iter().chain([full(), of_customer]) {
        assert_eq!(read_back(&PolicyForm::of(&policy).fields, &policy), Ok(policy));
    }
}

fn with(policy: &Policy, changes: &[(&str, &str)]) -> Fields {
    let form = PolicyForm::of(policy);
    let kept = form.fields.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| name != changed));
    Fields::new(kept.chain(changes.iter().copied()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn everything_that_cannot_be_read_is_told_at_once_and_by_its_field() {
    let changes = [
        ("days_0", "soon"),
        ("tone_1", "rude"),
        ("text_2", "thank_it"),
        ("repeat_every", "x"),
        ("repeat_at_most", "-1"),
        ("gap_days", "256"),
        ("per_seven_days", ""),
        ("catch_up_days", "1.5"),
        ("release_holds_after", "never"),
        ("minimum_total", "AED 10.001"),
        ("from_0", "9"),
        ("to_1", "08:00"),
        ("holidays", "ZZ"),
        ("closed", "2026-12-02\n2 December"),
        ("overrides", "2026-12-24 09:00"),
        ("priority", "first"),
        ("owes_at_least", "1000"),
        ("countries", "AE, Oman"),
    ];
    let number = "A whole number is needed.";
    let expected = [
        ("catch_up_days", number),
        ("closed", "2 December: write the year, the month and the day, such as 2026-12-02."),
        ("countries", "Oman: write two letters a country, such as AE GB."),
        ("days_0", number),
        ("days_1", "Choose how firm it is."),
        ("days_2", "Choose one of the texts."),
        ("gap_days", number),
        ("holidays", "Choose a country of the list."),
        ("minimum_total", "AED 10.001: the amount has more than 2 decimals, which AED does not have."),
        ("open_0", "Write hours such as 09:00 and 17:00."),
        ("open_1", "It has to end after it begins."),
        ("overrides", "2026-12-24 09:00: Write hours such as 09:00 and 17:00."),
        ("owes_at_least", "1000: write a currency and an amount, such as AED 150.00."),
        ("per_seven_days", number),
        ("priority", number),
        ("release_holds_after", number),
        ("repeat_at_most", number),
        ("repeat_every", number),
    ];
    let expected: Wrong = expected.map(|(name, why)| (name.to_owned(), why.to_owned())).into();
    assert_eq!(read_back(&with(&full(), &changes), &full()), Err(expected));
}

#[test]
fn an_amount_is_read_in_either_order_and_never_twice() {
    let minimum = |text| read_back(&with(&full(), &[("minimum_total", text)]), &full()).map(|read| read.minimum_total);
    assert_eq!(
        minimum("150.5 aed\r\n\r\n EUR  20"),
        Ok([("AED".parse().unwrap(), 15_050), ("EUR".parse().unwrap(), 2_000)].into())
    );
    assert_eq!(minimum("AED 1\nAED 2").unwrap_err()["minimum_total"], "AED stands there twice.");
}

#[test]
fn one_customer_is_one_and_nobody_is_nobody() {
    let audience = |changes: &[(&str, &str)]| read_back(&with(&full(), changes), &full()).map(|read| read.audience);
    let two = audience(&[("for", "customer")]);
    assert_eq!(two.unwrap_err()["audience"], "Choose one customer: find them by name below.");
    assert_eq!(audience(&[("for", "")]).unwrap_err()["audience"], "Say for whom it is.");
    let only = format!("{}/c/1", uuid::Uuid::nil());
    assert_eq!(audience(&[("for", "customer"), ("chosen", &only)]), Ok(Audience::Customer(customer("c/1"))));
    assert!(matches!(audience(&[("chosen", "junk")]), Ok(Audience::Group { members, .. }) if members.len() == 4));
}

#[test]
fn steps_keep_their_numbers_by_day_wherever_they_stand_in_the_form() {
    let standard = Policy::standard(now());
    let numbers = |changes: &[(&str, &str)]| {
        let mut steps = read_back(&with(&standard, changes), &standard).unwrap().steps;
        steps.sort_by_key(|step| step.offset_days);
        steps.into_iter().map(|step| (step.offset_days, step.id.0)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[]), [(-3, 1), (3, 2), (10, 3), (21, 4)]);
    // The second step moves.
    assert_eq!(numbers(&[("days_1", "5")]), [(-3, 1), (5, 2), (10, 3), (21, 4)]);
    // Two steps change places.
    assert_eq!(numbers(&[("days_1", "10"), ("days_2", "3")]), [(-3, 1), (3, 2), (10, 3), (21, 4)]);
    // The second step moves away, and the third takes its day.
    assert_eq!(numbers(&[("days_1", "4"), ("days_2", "3")]), [(-3, 1), (3, 2), (4, 0), (21, 4)]);
    // A number that nobody gave is nobody's, and a row without a day is no step.
    assert_eq!(numbers(&[("days_1", "5"), ("id_1", "77"), ("days_3", "")]), [(-3, 1), (5, 0), (10, 3)]);
}

#[test]
fn a_step_is_added_behind_the_last_one_and_another_taken_away() {
    let standard = PolicyForm::of(&Policy::standard(now()));
    let days = |form: &PolicyForm| form.rows().into_iter().map(|row| (row.place, row.days)).collect::<Vec<_>>();
    let row = |place: usize, days: &str| (place, days.to_owned());
    let more = standard.with_step();
    assert_eq!(days(&more), [row(0, "3"), row(1, "3"), row(2, "10"), row(3, "21"), row(4, "28")]);
    let less = more.without_step("1").without_step("4").without_step("9").without_step("x");
    assert_eq!(days(&less), [row(0, "3"), row(2, "10"), row(3, "21")]);
    assert_eq!(days(&less.with_step()).last(), Some(&row(4, "28")));
    assert!(read_back(&less.fields, &Policy::standard(now())).is_ok());
}

#[test]
fn what_was_typed_is_kept_and_what_was_left_alone_is_as_somebody_else_made_it() {
    let seen = full();
    let now_there = Policy {
        name: "Renamed".to_owned(),
        pdf: false,
        steps: seen.steps[..2].to_vec(),
        caps: Caps { gap_days: 9, per_seven_days: 1 },
        minimum_total: [("AED".parse().unwrap(), 1)].into(),
        ..seen.clone()
    };
    let typed =
        with(&seen, &[("name", "Mine"), ("closed", "2026-12-02\r\n2026-12-03"), ("days_0", "8"), ("gap_days", "5")]);
    let merged = merge(&typed, &PolicyForm::of(&seen).fields, &PolicyForm::of(&now_there).fields);
    let mut steps = seen.steps.clone();
    steps[0] = Step { id: StepId(1), offset_days: -8, ..steps[0] };
    let expected =
        Policy { name: "Mine".to_owned(), steps, caps: Caps { gap_days: 5, per_seven_days: 1 }, ..now_there.clone() };
    let read = read(&merged, &seen.id, (seen.state, Some(&seen)), seen.edited_at).unwrap();
    let Policy { version, highest_step, active_since, .. } = expected;
    assert_eq!(Policy { version, highest_step, active_since, ..read }, expected);
}

#[test]
fn the_organisations_own_policy_is_for_everybody_whatever_a_form_says() {
    let fields = PolicyForm::of(&full()).fields;
    let own = PolicyId::organisation_default();
    let read = read(&fields, &own, (PolicyState::Draft, None), now()).unwrap();
    assert_eq!((read.audience, read.state, read.version), (Audience::Organisation, PolicyState::Draft, 0));
}
