//! What people decided about a customer, as lines of a timeline.

use jiff::civil::Date;
use numo_app::store::activity::Activity;
use numo_domain::language::Language;
use serde_json::Value;

use crate::console::words::language_name;

/// What was done, in a few words.
pub(super) fn done_words(activity: &Activity) -> String {
    let day = |name: &str| {
        let day = activity.detail.get(name).and_then(Value::as_str)?.parse::<Date>().ok()?;
        Some(day.strftime("%-d %b %Y").to_string())
    };
    let text = |name: &str| activity.detail.get(name).and_then(Value::as_str);
    let either = |day: Option<String>, on: &str, off: &str| match day {
        Some(day) => format!("{on} {day}"),
        None => off.to_owned(),
    };
    let fixed = |words: &str| words.to_owned();
    match activity.action.as_str() {
        "customer.excluded" => fixed("Left out of reminders"),
        "customer.included" => fixed("Reminded again"),
        "customer.snoozed" => either(day("until"), "No reminder before", "No longer put off"),
        "customer.held" => either(day("on"), "Held back on", "No longer held back"),
        "reminder.moved" => either(day("to"), "Moved to", "No longer moved"),
        "customer.language_changed" => match text("language").and_then(|code| code.parse::<Language>().ok()) {
            Some(language) => format!("Written to in {}", language_name(language)),
            None => fixed("Written to in the policy's language"),
        },
        "customer.policy_chosen" if text("policy").is_some() => fixed("Another policy was chosen"),
        "customer.policy_chosen" => fixed("Back to the policy that applies without a choice"),
        "customer.handled" => fixed("The messages were read"),
        "customer.number_confirmed" => fixed("The number was confirmed"),
        "customer.tried_again" => fixed("The number is tried again"),
        "customer.number_typed" => fixed("Another number was typed"),
        "customer.typed_number_taken_back" => fixed("The number in the accounting system counts again"),
        "customer.typed_number_ended" => fixed("The typed number ended: the accounting system says another one"),
        "customer.number_undone" => fixed("The change of the number was taken back"),
        "customer.undone" => format!("Taken back: {}", text("what").unwrap_or("a decision")),
        "promise.noted" => either(day("date"), "A promise to pay was noted, for", "A promise to pay was noted"),
        "promise.withdrawn" => fixed("A promise does not count any more"),
        "dispute.opened" => fixed("A dispute was noted"),
        "dispute.closed" => fixed("A dispute is over"),
        "credit.released" => fixed("Money is not for the open invoices"),
        "backlog.decided" => fixed(match text("start") {
            Some("gently") => "Old invoices: begin gently",
            Some("by_age") => "Old invoices: as firm as their age",
            Some(_) | None => "Old invoices: left out",
        }),
        "reminder.sent_now" => fixed("A reminder was asked for"),
        other => other.replace(['.', '_'], " "),
    }
}
