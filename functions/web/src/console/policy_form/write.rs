//! The fields of a policy.

use numo_domain::{
    calendar::Window,
    contact::ContactRef,
    language::Language,
    money::{Currency, Money},
    policy::{
        Approval, Policy, Step, StepId, Tone, WhoseClock,
        audience::{Audience, Membership},
        repeat::Every,
    },
    template::Purpose,
};

use crate::console::{policy_form::TONES, sent::Fields};

/// Fields with their names.
type Pairs = Vec<(String, String)>;

/// What the form of a policy has in its fields.
pub(super) fn write(policy: &Policy) -> Fields {
    let mut pairs = pairs([
        ("name", policy.name.clone()),
        ("clock", clock(policy.clock).to_owned()),
        ("gap_days", policy.caps.gap_days.to_string()),
        ("per_seven_days", policy.caps.per_seven_days.to_string()),
        ("catch_up_days", policy.catch_up_days.to_string()),
        ("minimum_total", lines(policy.minimum_total.iter().map(|(currency, minor)| amount(*minor, *currency)))),
        ("release_holds_after", policy.release_holds_after.map(|days| days.to_string()).unwrap_or_default()),
        ("language", policy.language.map(Language::code).unwrap_or_default().to_owned()),
        ("approval", approval(policy.approval).to_owned()),
    ]);
    let boxes = [
        ("only_marked_sent", policy.only_marked_sent),
        ("hold_when_we_owe", policy.hold_when_we_owe),
        ("thank_you", policy.thank_you),
        ("pay_link", policy.pay_link),
        ("pdf", policy.pdf),
        ("repeat", policy.repeat.is_some()),
    ];
    pairs.extend(boxes.into_iter().filter(|(_, is_ticked)| *is_ticked).map(|(name, _)| pair(name, "yes")));
    pairs.extend(policy.steps.iter().enumerate().flat_map(|(place, one)| step(place, one)));
    pairs.extend(repeat(policy));
    pairs.extend(calendar(policy));
    pairs.extend(audience(&policy.audience));
    Fields::new(pairs)
}

/// The fields of one step.
pub(super) fn step(place: usize, step: &Step) -> Pairs {
    let tone = |tone: Tone| TONES.iter().find(|(known, _)| *known == tone).map_or("", |(_, word)| *word);
    let side = if step.offset_days < 0 { "before" } else { "after" };
    let id = if step.id == StepId::NEW { String::new() } else { step.id.0.to_string() };
    [
        ("id", id),
        ("days", step.offset_days.unsigned_abs().to_string()),
        ("side", side.to_owned()),
        ("tone", tone(step.tone).to_owned()),
        ("text", step.text.as_ref().map(Purpose::to_string).unwrap_or_default()),
    ]
    .map(|(name, value)| (format!("{name}_{place}"), value))
    .into()
}

fn repeat(policy: &Policy) -> Pairs {
    let Some(repeat) = policy.repeat else { return pairs([("repeat_unit", "days".to_owned())]) };
    let (every, unit) = match repeat.every {
        Every::Days(days) => (days, "days"),
        Every::Months(months) => (months.into(), "months"),
    };
    pairs([
        ("repeat_every", every.to_string()),
        ("repeat_unit", unit.to_owned()),
        ("repeat_at_most", repeat.at_most.to_string()),
    ])
}

fn calendar(policy: &Policy) -> Pairs {
    let calendar = &policy.calendar;
    let hours = |hours: &Option<Window>| match hours {
        Some(hours) => format!("{}-{}", hours.start(), hours.end()),
        None => "closed".to_owned(),
    };
    let mut pairs = pairs([
        ("holidays", calendar.holidays.map(|holidays| holidays.country.as_str().to_owned()).unwrap_or_default()),
        ("closed", lines(calendar.closed.iter().map(ToString::to_string))),
        ("overrides", lines(calendar.overrides.iter().map(|(date, open)| format!("{date} {}", hours(open))))),
    ]);
    for (day, open) in calendar.week.iter().enumerate() {
        let Some(open) = open else { continue };
        pairs.push((format!("open_{day}"), "yes".to_owned()));
        pairs.push((format!("from_{day}"), open.start().to_string()));
        // A field for a time of day has no 24:00; where hours end, midnight is the end of the day.
        pairs.push((format!("to_{day}"), open.end().to_string().replace("24:00", "00:00")));
    }
    pairs
}

pub(super) fn audience(audience: &Audience) -> Pairs {
    match audience {
        Audience::Organisation => Vec::new(),
        Audience::Customer(customer) => vec![pair("for", "customer"), pair("chosen", &reference(customer))],
        Audience::Group { priority, members } => {
            let mut pairs = vec![pair("for", "group"), pair("priority", &priority.to_string())];
            let (mut groups, mut owes, mut countries) = (Vec::new(), Vec::new(), Vec::new());
            for member in members {
                match member {
                    Membership::Chosen(chosen) => {
                        pairs.extend(chosen.iter().map(|one| pair("chosen", &reference(one))));
                    }
                    Membership::LedgerGroup(name) => groups.push(name.clone()),
                    Membership::OwesAtLeast { currency, minor } => owes.push(amount(*minor, *currency)),
                    Membership::NumberOf(country) => countries.push(country.as_str().to_owned()),
                }
            }
            pairs.push(pair("ledger_groups", &lines(groups)));
            pairs.push(pair("owes_at_least", &lines(owes)));
            pairs.push(pair("countries", &countries.join(" ")));
            pairs
        }
    }
}

/// A customer in one field.
pub(in crate::console) fn reference(customer: &ContactRef) -> String {
    format!("{}/{}", customer.connection, customer.contact)
}

/// `AED 1376.22`, which is read back as it is.
fn amount(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_string().replace(',', "")
}

const fn clock(clock: WhoseClock) -> &'static str {
    match clock {
        WhoseClock::Organisation => "organisation",
        WhoseClock::Customer => "customer",
    }
}

const fn approval(approval: Approval) -> &'static str {
    match approval {
        Approval::Required => "required",
        Approval::Automatic => "automatic",
    }
}

fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().collect::<Vec<_>>().join("\n")
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Pairs {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}
