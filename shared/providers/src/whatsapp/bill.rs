//! What Meta says that an account was billed (Meta: analytics, `pricing_analytics`).

use jiff::Timestamp;
use numo_app::port::whatsapp::AccountError;
use numo_domain::account_bill::{Sum, Sums};
use serde_json::Value;

use crate::whatsapp::{account::broken, parse::of, status::category_of};

/// Rows of an answer at most: a month has fewer days, times categories, times ways to be billed.
const MOST_ROWS: usize = 5_000;

/// The fields to ask for: sums by day, since a month of Meta's begins in the account's own zone.
pub(crate) fn fields(from: Timestamp, until: Timestamp) -> String {
    let (from, until) = (from.as_second(), until.as_second());
    format!(
        "currency,pricing_analytics.start({from}).end({until}).granularity(DAILY)\
         .dimensions([\"PRICING_CATEGORY\",\"PRICING_TYPE\"])"
    )
}

/// The sums of an answer; an account of which Meta tells nothing has an answer without them.
pub(crate) fn sums(body: &Value) -> Result<Sums, AccountError> {
    let list =
        |value: Option<&Value>, name: &str| value.and_then(|value| value.get(name)).and_then(Value::as_array).cloned();
    let data = list(body.get("pricing_analytics"), "data").unwrap_or_default();
    let points: Vec<Value> = data.iter().filter_map(|row| list(Some(row), "data_points")).flatten().collect();
    if points.len() > MOST_ROWS {
        return Err(broken("more sums than a month has"));
    }
    let mut sums = Sums { currency: of(Some(body), "currency").and_then(|code| code.parse().ok()), ..Sums::default() };
    for point in &points {
        let category = category_of(&of(Some(point), "pricing_category").unwrap_or_default());
        let volume = point.get("volume").and_then(Value::as_u64).unwrap_or_default();
        let sum: &mut Sum = sums.categories.entry(category).or_default();
        let is_free = of(Some(point), "pricing_type").is_some_and(|kind| kind.starts_with("FREE"));
        *if is_free { &mut sum.free } else { &mut sum.messages } += volume;
        sum.millionths = sum.millionths.saturating_add(millionths(point).unwrap_or_default());
    }
    Ok(sums)
}

/// The cost of a row in millionths, what is smaller left out; less than nothing is nothing.
fn millionths(point: &Value) -> Option<u64> {
    let cost = of(Some(point), "cost")?;
    // JSON may write small numbers as 1.36e-5.
    let (number, exponent) = match cost.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (cost.as_str(), 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: u128 = format!("{whole}{part}").parse().ok()?;
    let shift = exponent.checked_add(6)?.checked_sub(i32::try_from(part.len()).ok()?)?;
    let power = 10_u128.checked_pow(shift.unsigned_abs())?;
    let shifted = if shift < 0 { digits / power } else { digits.checked_mul(power)? };
    u64::try_from(shifted).ok()
}

#[cfg(test)]
mod tests {
    use numo_domain::delivery_report::pricing::PriceCategory;
    use serde_json::json;

    use super::*;
    use crate::samples;

    #[test]
    fn the_sums_of_metas_documented_answer_are_read() {
        for (name, payload) in samples::cases("meta/responses/docs_pricing_analytics.json") {
            let sum = |messages, free, millionths| Sum { messages, free, millionths };
            let expected = [
                (PriceCategory::Service, sum(0, 13, 0)),
                (PriceCategory::Utility, sum(1, 1, 10_000_000)),
                (PriceCategory::Authentication, sum(5, 0, 26_900_000)),
                (PriceCategory::Marketing, sum(6, 0, 60_000_000)),
            ];
            let read = sums(&payload).unwrap();
            assert_eq!(read, Sums { currency: None, categories: expected.into() }, "{name}");
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_counts_nothing() {
        let of = |points: Value| {
            sums(&json!({ "currency": "USD", "pricing_analytics": { "data": [{ "data_points": points }] } })).unwrap()
        };
        let usd = Some("USD".parse().unwrap());
        let one = |sum: Sum| Sums { currency: usd, categories: [(PriceCategory::Utility, sum)].into() };
        let row = |volume: Value, cost: Value| json!([{ "pricing_type": "REGULAR", "pricing_category": "UTILITY", "volume": volume, "cost": cost }]);
        assert_eq!(of(row(json!(3), json!(0.0136))), one(Sum { messages: 3, free: 0, millionths: 13_600 }));
        assert_eq!(of(row(json!(3), json!("0.0136"))), one(Sum { messages: 3, free: 0, millionths: 13_600 }));
        assert_eq!(of(row(json!(1), json!(1.36e-5))), one(Sum { messages: 1, free: 0, millionths: 13 }));
        assert_eq!(of(row(json!(2), json!(null))), one(Sum { messages: 2, free: 0, millionths: 0 }));
        assert_eq!(of(row(json!(-2), json!(-1))), one(Sum::default()));
        for nothing in [json!({}), json!({ "pricing_analytics": 1 }), json!({ "pricing_analytics": { "data": [{}] } })]
        {
            assert_eq!(sums(&nothing).unwrap(), Sums::default(), "{nothing}");
        }
        let many: Vec<Value> = (0..5_001).map(|_| json!({ "volume": 1 })).collect();
        let body = json!({ "pricing_analytics": { "data": [{ "data_points": many }] } });
        assert!(matches!(sums(&body), Err(AccountError::Unavailable(_))));
    }
}
