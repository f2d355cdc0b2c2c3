//! Two people edited one policy: what one of them typed is kept, and what they left alone is as the other made it.

use std::collections::BTreeSet;

use crate::console::{policy_form::read::OF_A_STEP, sent::Fields};

/// Fields that only make sense together: all steps are one thing, as are the hours of a day.
fn part(name: &str) -> &str {
    let numbered = name.rsplit_once('_').filter(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()));
    match numbered {
        Some((field, _)) if OF_A_STEP.contains(&field) => "steps",
        Some((field, day)) if is_of_a_day(field) => day,
        Some(_) | None if name.starts_with("repeat") => "repeat",
        Some(_) | None => name,
    }
}

fn is_of_a_day(field: &str) -> bool {
    matches!(field, "open" | "from" | "to")
}

/// What was typed over one version, laid over a later one.
pub(in crate::console) fn merge(typed: &Fields, seen: &Fields, now: &Fields) -> Fields {
    let of = |fields: &Fields, wanted: &str| -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = fields
            .iter()
            .filter(|(name, value)| part(name) == wanted && !value.trim().is_empty())
            // A browser sends lines with a carriage return.
            .map(|(name, value)| (name.to_owned(), value.trim().replace("\r\n", "\n")))
            .collect();
        found.sort();
        found
    };
    let parts: BTreeSet<&str> = typed.iter().chain(seen.iter()).chain(now.iter()).map(|(name, _)| part(name)).collect();
    let merged = parts.into_iter().flat_map(|part| {
        let mine = of(typed, part);
        if mine == of(seen, part) { of(now, part) } else { mine }
    });
    Fields::new(merged.collect())
}
