//! The pay page and the PDF of one invoice.

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    documents::{LedgerDocuments, PayLink},
};
use numo_domain::id::ExternalId;
use reqwest::Url;
use serde::Deserialize;

use crate::{
    http::call::{Answer, Broken},
    quickbooks::{answer::whole, client::QuickbooksClient, date},
};

#[async_trait]
impl LedgerDocuments for QuickbooksClient {
    /// Only companies that take payments online have one, and lists leave it out.
    async fn pay_link(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Option<PayLink>, LedgerError> {
        let path = ["invoice", invoice.as_str()];
        pay_link(&self.get(access, "pay_link", &path, &[("include", "invoiceLink")]).await?)
    }

    async fn pdf(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Vec<u8>, LedgerError> {
        let path = ["invoice", invoice.as_str(), "pdf"];
        let answer = self.file(access, "pdf", &path, "application/pdf").await?;
        if answer.body.starts_with(b"%PDF") {
            Ok(answer.body)
        } else {
            Err(LedgerError::Unavailable(Broken::Body("the body is no PDF").boxed()))
        }
    }
}

/// The pay page of an answer (QuickBooks: accounting API, Invoice, `InvoiceLink`).
fn pay_link(answer: &Answer) -> Result<Option<PayLink>, LedgerError> {
    let InvoiceAnswer { invoice } = whole(answer)?;
    // Where it is a day alone, its beginning: rather too early than a link that is dead.
    let expires_at = invoice.expires.as_deref().and_then(date::instant);
    Ok(invoice.link.filter(|link| is_page(link)).map(|url| PayLink { url, expires_at }))
}

#[derive(Debug, Deserialize)]
struct InvoiceAnswer {
    #[serde(rename = "Invoice")]
    invoice: RawInvoice,
}

#[derive(Debug, Deserialize)]
struct RawInvoice {
    #[serde(rename = "InvoiceLink")]
    link: Option<String>,
    #[serde(rename = "InvoiceLinkExpiryDate")]
    expires: Option<String>,
}

/// Https, and not the page that sandboxes show in its place.
fn is_page(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| url.scheme() == "https") && !link.to_ascii_lowercase().contains("comingsoon")
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    fn read(invoice: Value) -> Option<PayLink> {
        let body = json!({ "Invoice": invoice, "time": "2026-11-23T00:00:00-08:00" }).to_string();
        pay_link(&Answer { status: 200, headers: HeaderMap::new(), body: body.into_bytes() }).unwrap()
    }

    #[test]
    fn a_link_comes_with_its_end_where_there_is_one() {
        let url = "https://connect.intuit.com/t/scs-v1-abc";
        let link = |expires: Option<&str>| {
            let expires_at = expires.map(|text| text.parse().unwrap());
            Some(PayLink { url: url.to_owned(), expires_at })
        };
        assert_eq!(read(json!({ "InvoiceLink": url })), link(None));
        let instant = json!({ "InvoiceLink": url, "InvoiceLinkExpiryDate": "2027-01-01T00:00:00-08:00" });
        assert_eq!(read(instant), link(Some("2027-01-01T08:00:00Z")));
        let day = json!({ "InvoiceLink": url, "InvoiceLinkExpiryDate": "2027-01-01" });
        assert_eq!(read(day), link(Some("2027-01-01T00:00:00Z")));
    }

    #[test]
    fn what_is_no_page_to_pay_on_is_none() {
        for invoice in [
            json!({}),
            json!({ "InvoiceLink": null }),
            json!({ "InvoiceLink": "" }),
            json!({ "InvoiceLink": "http://connect.intuit.com/t/1" }),
            json!({ "InvoiceLink": "https://developer.intuit.com/comingSoonview/scs-v1-1" }),
        ] {
            assert_eq!(read(invoice.clone()), None, "{invoice}");
        }
    }
}
