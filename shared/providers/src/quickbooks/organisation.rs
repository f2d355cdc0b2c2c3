//! The company itself: what it is, and in which currency it keeps its books.

use numo_app::port::ledger::{LedgerError, record::LedgerOrganisation};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::quickbooks::{
    answer::{BatchAnswer, Block},
    country,
};
use crate::{http::call::Answer, quickbooks::answer::whole};

/// What is asked in one call, in the order in which it is read.
///
/// The currency of the books stands in the preferences alone.
pub(crate) const QUERIES: [&str; 2] = ["SELECT * FROM CompanyInfo", "SELECT * FROM Preferences"];

/// The company of an answer to [`QUERIES`] (QuickBooks: accounting API, `CompanyInfo` and Preferences).
///
/// Zone, country and currency are independent of each other: none is derived from another.
pub(crate) fn organisation(answer: &Answer) -> Result<LedgerOrganisation, LedgerError> {
    let blocks = whole::<BatchAnswer<'_>>(answer)?.blocks(answer, QUERIES.len())?;
    let company: RawCompany = read("CompanyInfo", blocks.first().and_then(Block::company))?;
    let preferences: RawPreferences = read("Preferences", blocks.get(1).and_then(Block::preferences))?;
    let currency = preferences.currency.and_then(|prefs| prefs.home).and_then(|home| text(home.value.as_ref()));
    Ok(LedgerOrganisation {
        is_demo_company: company.name.starts_with("Sandbox Company"),
        name: company.name,
        zone: text(company.zone.as_ref()).and_then(|name| name.parse().ok()),
        country: text(company.country.as_ref()).and_then(|code| country::country(&code)),
        base_currency: currency.and_then(|code| code.parse().ok()),
    })
}

/// The name of an answer to a read of the company alone.
pub(crate) fn name(answer: &Answer) -> Result<String, LedgerError> {
    let read: NameAnswer = whole(answer)?;
    Ok(read.company.name)
}

#[derive(Debug, Deserialize)]
struct NameAnswer {
    #[serde(rename = "CompanyInfo")]
    company: RawCompany,
}

#[derive(Debug, Deserialize)]
struct RawCompany {
    #[serde(rename = "CompanyName")]
    name: String,
    #[serde(rename = "Country")]
    country: Option<Value>,
    #[serde(rename = "DefaultTimeZone")]
    zone: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct RawPreferences {
    #[serde(rename = "CurrencyPrefs")]
    currency: Option<RawCurrencyPreferences>,
}

#[derive(Debug, Deserialize)]
struct RawCurrencyPreferences {
    #[serde(rename = "HomeCurrency")]
    home: Option<RawCurrency>,
}

#[derive(Debug, Deserialize)]
struct RawCurrency {
    value: Option<Value>,
}

fn read<T: DeserializeOwned>(name: &str, row: Option<&RawValue>) -> Result<T, LedgerError> {
    let malformed = |reason: &str| LedgerError::Malformed(format!("{name}: {reason}"));
    serde_json::from_str(row.ok_or_else(|| malformed("missing"))?.get()).or(Err(malformed("wrong type")))
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn read_both(company: Value, preferences: Value) -> Result<LedgerOrganisation, String> {
        let body = json!({ "BatchItemResponse": [
            { "bId": "q0", "QueryResponse": { "CompanyInfo": [company], "maxResults": 1 } },
            { "bId": "q1", "QueryResponse": { "Preferences": [preferences], "maxResults": 1 } },
        ], "time": "2026-11-23T00:00:00-08:00" });
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
        organisation(&answer).map_err(|error| error.to_string())
    }

    /// The recorded company, as JSON.
    fn acme() -> Value {
        json!({ "Id": "1", "CompanyName": "Acme Corp.", "LegalName": "Acme Legal Corp.", "Country": "US",
            "CompanyAddr": { "Country": "USA" }, "SupportedLanguages": "en",
            "NameValue": [{ "Name": "SubscriptionStatus", "Value": "TRIAL" }] })
    }

    fn in_dollars() -> Value {
        json!({ "CurrencyPrefs": { "MultiCurrencyEnabled": false, "HomeCurrency": { "value": "USD" } }, "new": 1 })
    }

    #[test]
    fn company_and_preferences_make_one_organisation() {
        let expected = LedgerOrganisation {
            name: String::from("Acme Corp."),
            zone: None,
            country: "US".parse().ok(),
            base_currency: "USD".parse().ok(),
            is_demo_company: false,
        };
        assert_eq!(read_both(acme(), in_dollars()), Ok(expected));
    }

    #[test]
    fn zone_and_country_are_taken_where_they_are_known_and_never_guessed() {
        let read = |changes: Value| {
            let mut company = acme();
            company.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let read = read_both(company, json!({})).unwrap();
            (read.zone, read.country)
        };
        let known = json!({ "DefaultTimeZone": "America/Los_Angeles", "Country": "USA" });
        assert_eq!(read(known), ("America/Los_Angeles".parse().ok(), "US".parse().ok()));
        assert_eq!(read(json!({ "DefaultTimeZone": "Mars/Base", "Country": "Earth" })), (None, None));
        assert_eq!(read(json!({ "DefaultTimeZone": 7, "Country": null })), (None, None));
        assert_eq!(read_both(acme(), json!({})).unwrap().base_currency, None);
    }

    #[test]
    fn a_sample_company_is_known_by_its_name() {
        let mut company = acme();
        company["CompanyName"] = json!("Sandbox Company_US_1");
        assert!(read_both(company, in_dollars()).unwrap().is_demo_company);
    }

    #[test]
    fn an_answer_without_a_company_is_malformed() {
        let malformed = |reason: &str| Err(format!("the ledger's answer cannot be read: {reason}"));
        assert_eq!(read_both(json!({ "CompanyName": 7 }), in_dollars()), malformed("CompanyInfo: wrong type"));
        assert_eq!(read_both(acme(), json!(7)), malformed("Preferences: wrong type"));
        let empty = json!({ "BatchItemResponse": [{ "bId": "q0", "QueryResponse": {} }, { "bId": "q1", "QueryResponse": {} }] });
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: empty.to_string().into_bytes() };
        assert!(
            matches!(organisation(&answer), Err(LedgerError::Malformed(reason)) if reason == "CompanyInfo: missing")
        );
    }
}
