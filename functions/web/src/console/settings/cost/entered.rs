//! Rates as people enter them: one for everywhere, and one a line for countries that have another.

use std::collections::BTreeMap;

use numo_domain::{
    cost::{
        RateCard,
        decimal::{parse_rate, rate_text},
    },
    phone::CountryCode,
};

use crate::{console::sent::Fields, failure::Failure};

const NEEDED: &str = "an amount such as 0.0576 is needed, with six digits behind the point at most";

/// What was entered.
pub(super) fn rate_card(fields: &Fields) -> Result<RateCard, Failure> {
    let elsewhere = fields.text("rate_elsewhere")?;
    let by_country = fields.optional("rates").unwrap_or_default();
    let currency = fields.text("currency")?.to_ascii_uppercase();
    Ok(RateCard {
        currency: currency.parse().map_err(|_invalid| Failure::invalid("currency", "a code such as USD is needed"))?,
        rates: by_country.lines().filter(|line| !line.trim().is_empty()).map(country_rate).collect::<Result<_, _>>()?,
        rate_elsewhere: parse_rate(elsewhere).ok_or_else(|| Failure::invalid("rate_elsewhere", NEEDED))?,
        valid_from: fields.read_optional("valid_from", "choose a day")?,
        read_on: fields.read_optional("read_on", "choose a day")?,
    })
}

fn country_rate(line: &str) -> Result<(CountryCode, u32), Failure> {
    let read = line.split_once(|c: char| c.is_whitespace() || c == ':' || c == '=').and_then(|(country, rate)| {
        let country: CountryCode = country.trim().to_ascii_uppercase().parse().ok()?;
        Some((country, parse_rate(rate.trim())?))
    });
    read.ok_or_else(|| {
        let line: String = line.trim().chars().take(40).collect();
        Failure::invalid("rates", format!("“{line}” is no country and amount such as AE 0.0576"))
    })
}

/// The same as they are shown.
pub(super) fn rate_lines(rates: &BTreeMap<CountryCode, u32>) -> String {
    rates.iter().map(|(country, rate)| format!("{} {}\n", country.as_str(), rate_text(*rate))).collect()
}
