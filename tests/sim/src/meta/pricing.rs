use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::meta::errors;
use crate::meta::state::MetaState;

/// What a utility message costs in the simulated rate card.
const UTILITY: f64 = 0.0136;

const DAY_S: i64 = 24 * 3600;

/// A field of a request with its arguments, and all other fields.
pub(crate) fn parted(fields: &str) -> (Option<String>, String) {
    let (mut depth, mut one, mut all) = (0_u32, String::new(), Vec::new());
    for c in fields.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                all.push(std::mem::take(&mut one));
                continue;
            }
            _ => {}
        }
        one.push(c);
    }
    all.push(one);
    let (asked, others): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|field| field.starts_with("pricing_analytics"));
    (asked.into_iter().next(), others.join(","))
}

/// `pricing_analytics` of an account (Meta: analytics): what it sent between two times, by day, category and type.
///
/// Answers within the window are free, and templates are paid for; what did not arrive is not counted.
pub(crate) fn analytics(meta: &MetaState, waba_id: &str, asked: &str) -> Result<Value, Refusal> {
    let argument = |name: &str| {
        let rest = asked.split_once(&format!(".{name}("))?.1;
        Some(rest.split_once(')')?.0.to_owned())
    };
    let time = |name: &str| argument(name).and_then(|text| text.parse::<i64>().ok());
    let (Some(start), Some(end)) = (time("start"), time("end")) else {
        return Err(errors::invalid_parameter("pricing_analytics needs start and end as Unix times."));
    };
    let granularity = argument("granularity").unwrap_or_default();
    if !["HALF_HOUR", "DAILY", "MONTHLY"].contains(&granularity.as_str()) || start >= end {
        return Err(errors::invalid_parameter("granularity is HALF_HOUR, DAILY or MONTHLY, and start before end."));
    }
    let numbers: Vec<&str> =
        meta.senders.iter().filter(|sender| sender.waba_id == waba_id).map(|sender| sender.phone_number_id).collect();
    let sent = meta.received.iter().filter(|row| {
        let at = row.at("at_ms").as_i64().unwrap_or_default() / 1000;
        let arrived = !meta.not_on_whatsapp.contains(row.at("to").as_str().unwrap_or_default());
        let is_ours = row.at("phone_number_id").as_str().is_some_and(|id| numbers.contains(&id));
        row.at("outcome") == "accepted" && is_ours && arrived && (start..end).contains(&at)
    });
    let mut days = std::collections::BTreeMap::<(i64, bool), u64>::new();
    for row in sent {
        let at = row.at("at_ms").as_i64().unwrap_or_default() / 1000;
        *days.entry(((at - start) / DAY_S, row.at("type") == "template")).or_default() += 1;
    }
    let points: Vec<Value> = days
        .into_iter()
        .map(|((day, is_template), volume)| {
            let (kind, category, cost) = match is_template {
                true => ("REGULAR", "UTILITY", UTILITY * f64::from(u32::try_from(volume).unwrap_or(u32::MAX))),
                false => ("FREE_CUSTOMER_SERVICE", "SERVICE", 0.0),
            };
            json!({
                "start": start + day * DAY_S, "end": (start + (day + 1) * DAY_S).min(end), "pricing_type": kind,
                "pricing_category": category, "volume": volume, "cost": cost,
            })
        })
        .collect();
    Ok(json!({ "data": [{ "data_points": points }] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_its_arguments() {
        let fields = "currency,pricing_analytics.start(1).end(2).dimensions([\"A\",\"B\"]),id";
        let asked = "pricing_analytics.start(1).end(2).dimensions([\"A\",\"B\"])";
        assert_eq!(parted(fields), (Some(asked.to_owned()), "currency,id".to_owned()));
        assert_eq!(parted("id,name"), (None, "id,name".to_owned()));
    }

    #[test]
    fn only_a_whole_question_is_answered() {
        let meta = MetaState::new();
        let of = |asked: &str| analytics(&meta, "102290129340398", asked).is_ok();
        assert!(of("pricing_analytics.start(1).end(2).granularity(DAILY)"));
        for broken in [
            "pricing_analytics",
            "pricing_analytics.start(1).granularity(DAILY)",
            "pricing_analytics.start(1).end(2)",
            "pricing_analytics.start(2).end(1).granularity(DAILY)",
        ] {
            assert!(!of(broken), "{broken}");
        }
    }
}
