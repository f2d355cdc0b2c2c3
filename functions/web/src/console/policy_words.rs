//! Everything that a policy says, part by part in words.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use numo_domain::{
    calendar::{SendCalendar, Window},
    contact::ContactRef,
    money::Money,
    policy::{
        Approval, Policy, Step, WhoseClock,
        audience::{Audience, Membership},
        repeat::{Every, Repeat},
    },
};

use crate::{
    console::{
        policy_line::{tone_words, when},
        policy_preview::around_words,
        words::{language_name, purpose_words},
    },
    view::country::country_name,
};

/// A part of a policy and what it says.
pub(super) type Part = (&'static str, String);

/// Customers' names; whoever is not there any more has none.
pub(super) type Names = BTreeMap<ContactRef, String>;

/// The parts of a policy, in the order of its form.
pub(super) fn parts(policy: &Policy, names: &Names) -> Vec<Part> {
    let yes = |is_so: bool| (if is_so { "yes" } else { "no" }).to_owned();
    let calendar = &policy.calendar;
    vec![
        ("Name", policy.name.clone()),
        ("For", audience_words(&policy.audience, names)),
        ("Steps", policy.steps.iter().map(step_words).collect::<Vec<_>>().join("; ")),
        ("Repeats of the last step", policy.repeat.map_or_else(|| "none".to_owned(), repeat_words)),
        ("Hours", hours(calendar).map(|(day, hours)| format!("{day} {hours}")).join(", ")),
        ("Public holidays closed", list(calendar.holidays.iter().map(|one| country_name(&one.country).to_owned()))),
        ("Other closed days", list(calendar.closed.iter().map(ToString::to_string))),
        (
            "Days with other hours",
            list(calendar.overrides.iter().map(|(day, open)| format!("{day} {}", open_words(open)))),
        ),
        ("Whose clock counts", clock_words(policy.clock).to_owned()),
        ("Days between two messages", policy.caps.gap_days.to_string()),
        ("Messages in seven days", policy.caps.per_seven_days.to_string()),
        ("Smallest total", list(policy.minimum_total.iter().map(|(of, minor)| Money::new(*minor, *of).to_string()))),
        ("Days on which a missed step is made up for", policy.catch_up_days.to_string()),
        ("Only invoices that are marked as sent", yes(policy.only_marked_sent)),
        ("Waits while you owe the customer more", yes(policy.hold_when_we_owe)),
        (
            "Holds end by themselves",
            policy.release_holds_after.map_or_else(|| "no".to_owned(), |days| format!("after {days} business days")),
        ),
        ("Around a message about one invoice", around_words(policy.best_variant()).to_owned()),
        ("Thanks for payments", yes(policy.thank_you)),
        ("Language", policy.language.map_or("the customer's, or the organisation's", language_name).to_owned()),
        ("Approval", approval_words(policy.approval).to_owned()),
    ]
}

/// Whom a policy is for.
pub(super) fn audience_words(audience: &Audience, names: &Names) -> String {
    let name = |at: &ContactRef| names.get(at).cloned().unwrap_or_else(|| "a customer who is gone".to_owned());
    match audience {
        Audience::Organisation => "everybody whom no other policy is for".to_owned(),
        Audience::Customer(customer) => name(customer),
        Audience::Group { priority, members } => {
            let members = members.iter().map(|member| match member {
                Membership::Chosen(chosen) => list(chosen.iter().map(name)),
                Membership::LedgerGroup(group) => format!("the ledger's group “{group}”"),
                Membership::OwesAtLeast { currency, minor } => {
                    format!("whoever owes {} or more", Money::new(*minor, *currency))
                }
                Membership::NumberOf(country) => format!("numbers of {}", country.as_str()),
            });
            format!("{} (number {priority} of the groups)", members.collect::<Vec<_>>().join(", or "))
        }
    }
}

/// Whether an admin looks at plans first.
pub(super) const fn approval_words(approval: Approval) -> &'static str {
    match approval {
        Approval::Required => "An admin approves each day's plan.",
        Approval::Automatic => "Plans go out by themselves, unless something about one is unusual.",
    }
}

/// The hours in which messages go out, per weekday.
pub(super) fn hours(calendar: &SendCalendar) -> [(&'static str, String); 7] {
    let mut days = Weekday::Monday.cycle_forward().map(day_words);
    calendar.week.map(|open| (days.next().unwrap_or_default(), open_words(&open)))
}

/// A weekday, short.
pub(super) const fn day_words(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn step_words(step: &Step) -> String {
    let text = step.text.map(|text| format!(" ({})", purpose_words(text))).unwrap_or_default();
    format!("{}: {}{text}", when(step.offset_days), tone_words(step.tone))
}

fn repeat_words(repeat: Repeat) -> String {
    let every = match repeat.every {
        Every::Days(days) => format!("every {days} days"),
        Every::Months(1) => "every month".to_owned(),
        Every::Months(months) => format!("every {months} months"),
    };
    format!("{every}, at most {} times", repeat.at_most)
}

fn open_words(open: &Option<Window>) -> String {
    open.as_ref().map_or_else(|| "closed".to_owned(), ToString::to_string)
}

const fn clock_words(clock: WhoseClock) -> &'static str {
    match clock {
        WhoseClock::Organisation => "the organisation's",
        WhoseClock::Customer => "the customer's, by the country of the number",
    }
}

fn list(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
