//! Small businesses that differ in everything a planner looks at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, date},
};
use numo_domain::{
    calendar::{Minute, SendCalendar},
    cost::CostCap,
    money::{Currency, Money},
    policy::{
        Caps, Policy, PolicyState, StepId,
        audience::{Audience, Membership, Policies},
        presets::Preset,
        repeat::{Every, Repeat},
    },
    template::Purpose,
};

use crate::{
    business::{Business, Customer, NewInvoice, organisation},
    dice::Dice,
    habits::Habit,
};

pub(crate) const FROM: Date = date(2026, 1, 1);
pub(crate) const TO: Date = date(2026, 12, 31);

const ZONES: [&str; 6] =
    ["Asia/Dubai", "Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu", "Africa/Johannesburg"];

/// When the business plans; mostly within the hours, sometimes before or after them.
pub(crate) fn time_of_day(seed: u64) -> Minute {
    let times = ["10:00", "09:00", "16:30", "06:15", "10:00", "17:30", "10:00", "12:00"];
    let place = usize::try_from(seed).unwrap() % times.len();
    times.get(place).unwrap().parse().unwrap()
}

pub(crate) fn business(seed: u64) -> Business {
    let mut dice = Dice::new(seed);
    let customers: Vec<Customer> =
        (0..dice.one_of(&[1, 1, 1, 1, 2, 2, 3, 4])).map(|place| customer(place, &mut dice)).collect();
    let mut invoices = Vec::new();
    for place in 0..customers.len() {
        invoices_of(place, &mut dice, &mut invoices);
    }
    let mut organisation = organisation(dice.one_of(&ZONES));
    organisation.ramp_per_day = dice.one_of(&[None, None, Some(1), Some(2)]);
    organisation.cost_cap = dice.chance(25).then(|| a_few_messages(&mut dice));
    let organisation_default = policy(&mut dice);
    let others = if dice.chance(35) { vec![debtors(&mut dice)] } else { Vec::new() };
    let policies = Policies { organisation_default, others };
    Business { organisation, policies, customers, invoices }
}

/// What a message costs wherever it goes to, in millionths.
pub(crate) const RATE: u32 = 100_000;

/// Room for 1 to 4 messages a month.
fn a_few_messages(dice: &mut Dice) -> CostCap {
    let per_month = Money::new(dice.between(10, 49), "USD".parse().unwrap());
    CostCap { per_month, rates: BTreeMap::new(), rate_elsewhere: RATE, valid_from: None, read_on: None }
}

/// Some customers share their number with the first one.
fn customer(place: i64, dice: &mut Dice) -> Customer {
    let shared = if dice.chance(12) { 0 } else { place };
    Customer {
        name: format!("Customer {place}"),
        number: format!("+97150100000{shared}"),
        habit: dice.one_of(&Habit::ALL),
    }
}

fn invoices_of(customer: usize, dice: &mut Dice, invoices: &mut Vec<NewInvoice>) {
    let currencies: [Currency; 2] = ["AED", "USD"].map(|code| code.parse().unwrap());
    let (every, terms) = (dice.between(40, 180), dice.between(0, 45));
    let mut day = FROM.saturating_add(dice.between(0, 40).days());
    while day <= TO {
        let currency = if dice.chance(85) { currencies.first() } else { currencies.last() };
        // Now and then an invoice was due before it was seen.
        let terms = if dice.chance(8) { -dice.between(1, 70) } else { terms };
        let due = day.saturating_add(terms.days());
        invoices.push(NewInvoice { day, customer, due, currency: *currency.unwrap() });
        day = day.saturating_add(every.days());
    }
}

fn policy(dice: &mut Dice) -> Policy {
    let preset = dice.one_of(&Preset::ALL);
    let repeats = [
        None,
        Some(Repeat { every: Every::Days(7), at_most: 4 }),
        Some(Repeat { every: Every::Days(3), at_most: 2 }),
        Some(Repeat { every: Every::Months(1), at_most: 3 }),
    ];
    let count = |dice: &mut Dice, low, high| u8::try_from(dice.between(low, high)).unwrap();
    let statement = dice.chance(30).then_some(Purpose::Statement);
    let mut policy = Policy {
        state: PolicyState::Active,
        repeat: dice.one_of(&repeats),
        caps: Caps { gap_days: count(dice, 1, 5), per_seven_days: count(dice, 1, 4) },
        catch_up_days: count(dice, 0, 5),
        thank_you: dice.chance(50),
        pay_link: dice.chance(50),
        pdf: dice.chance(50),
        calendar: calendar(dice),
        ..preset.policy(None, Timestamp::UNIX_EPOCH)
    };
    policy.steps.iter_mut().filter(|step| step.offset_days > 0).for_each(|step| step.text = statement);
    policy
}

/// The policy of whoever owes much, which is joined and left as invoices come and money does.
fn debtors(dice: &mut Dice) -> Policy {
    let minor = dice.one_of(&[20_000, 60_000, 150_000]);
    let members = vec![Membership::OwesAtLeast { currency: "AED".parse().unwrap(), minor }];
    let mut policy = policy(dice);
    policy.id = "debtors".parse().unwrap();
    policy.audience = Audience::Group { priority: 1, members };
    policy.steps.iter_mut().for_each(|step| step.id = StepId(step.id.0 + 100));
    policy
}

/// Nine to five on the weekdays of a country, with a feast of some days and some single closed days.
fn calendar(dice: &mut Dice) -> SendCalendar {
    let country = dice.one_of(&["GB", "SA", "NP", "BN"]);
    let week = SendCalendar::for_country(country.parse().unwrap());
    let mut closed = BTreeSet::new();
    let feast = FROM.saturating_add(dice.between(0, 350).days());
    closed.extend(feast.series(1.day()).take(usize::try_from(dice.between(1, 12)).unwrap()));
    closed.extend((0..10).map(|_| FROM.saturating_add(Span::new().days(dice.between(0, 364)))));
    SendCalendar { holidays: None, closed, ..week }
}
