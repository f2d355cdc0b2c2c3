//! The ledger organisation itself.

use numo_app::port::ledger::{LedgerError, record::LedgerOrganisation};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    http::call::Answer,
    xero::{answer::Parts, zone},
};

/// The first and only organisation of an answer (Xero: accounting API, Organisation).
///
/// Zone, country and currency are independent of each other: none is derived from another.
pub(crate) fn organisation(answer: &Answer) -> Result<LedgerOrganisation, LedgerError> {
    let malformed = |reason: &str| LedgerError::Malformed(format!("Organisations: {reason}"));
    let rows = Parts::of(answer)?.rows("Organisations")?;
    let row = rows.first().ok_or_else(|| malformed("missing"))?;
    let raw: RawOrganisation = serde_json::from_str(row.get()).or(Err(malformed("wrong type")))?;
    Ok(LedgerOrganisation {
        name: raw.name,
        zone: raw.zone.as_ref().and_then(Value::as_str).and_then(zone::zone),
        country: raw.country.as_ref().and_then(Value::as_str).and_then(|text| text.parse().ok()),
        base_currency: raw.currency.as_ref().and_then(Value::as_str).and_then(|text| text.parse().ok()),
        is_demo_company: raw.is_demo_company.unwrap_or_default(),
    })
}

#[derive(Debug, Deserialize)]
struct RawOrganisation {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Timezone")]
    zone: Option<Value>,
    #[serde(rename = "CountryCode")]
    country: Option<Value>,
    #[serde(rename = "BaseCurrency")]
    currency: Option<Value>,
    #[serde(rename = "IsDemoCompany")]
    is_demo_company: Option<bool>,
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn read(body: &str) -> Result<LedgerOrganisation, String> {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        organisation(&answer).map_err(|error| error.to_string())
    }

    #[test]
    fn what_xero_does_not_say_is_not_guessed() {
        let expected = LedgerOrganisation {
            name: String::from("A"),
            zone: None,
            country: None,
            base_currency: "USD".parse().ok(),
            is_demo_company: true,
        };
        let body =
            r#"{"Organisations":[{"Name":"A","Timezone":"MARSTIME","BaseCurrency":"USD","IsDemoCompany":true}]}"#;
        assert_eq!(read(body), Ok(expected));
    }

    #[test]
    fn an_answer_without_an_organisation_is_malformed() {
        for body in ["{}", r#"{"Organisations":[]}"#, r#"{"Organisations":[{"Name":1}]}"#] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_official_sample_reads_whole() {
        let Some(text) = samples::text("xero/openapi_organisation_200.json") else { return };
        let expected = LedgerOrganisation {
            name: String::from("Dev Evangelist - Sid Test 3 (NZ-2016-02)"),
            zone: "Pacific/Auckland".parse().ok(),
            country: "NZ".parse().ok(),
            base_currency: "NZD".parse().ok(),
            is_demo_company: false,
        };
        assert_eq!(read(&text), Ok(expected));
    }
}
