//! The pay page and the PDF of an invoice.

use async_trait::async_trait;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    documents::{LedgerDocuments, PayLink},
};
use numo_domain::id::ExternalId;
use serde::Deserialize;
use url::Url;

use crate::{
    http::call::{Answer, Broken},
    xero::{
        answer::Parts,
        reader::{Call, XeroReader},
    },
};

/// Largest PDF that is passed on.
const MAX_PDF_BYTES: usize = 5 * 1024 * 1024;

#[async_trait]
impl LedgerDocuments for XeroReader {
    /// Xero: accounting API, online invoices; only approved sales invoices have one.
    async fn pay_link(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Option<PayLink>, LedgerError> {
        let path = ["Invoices", invoice.as_str(), "OnlineInvoice"];
        match self.get(access, &Call::of("pay_link", &path)).await {
            Ok(answer) => Ok(pay_link(&Parts::of(&answer)?)),
            Err(LedgerError::Rejected(400) | LedgerError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn pdf(&self, access: &LedgerAccess, invoice: &ExternalId) -> Result<Vec<u8>, LedgerError> {
        let path = ["Invoices", invoice.as_str()];
        pdf(self.get(access, &Call { accept: "application/pdf", ..Call::of("pdf", &path) }).await?)
    }
}

fn pay_link(parts: &Parts<'_>) -> Option<PayLink> {
    #[derive(Deserialize)]
    struct RawLink {
        #[serde(rename = "OnlineInvoiceUrl")]
        url: Option<String>,
    }
    let links: Vec<RawLink> = parts.get("OnlineInvoices")?;
    let url = links.into_iter().next()?.url?;
    let is_https = Url::parse(&url).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    is_https.then_some(PayLink { url, expires_at: None })
}

fn pdf(answer: Answer) -> Result<Vec<u8>, LedgerError> {
    if !answer.body.starts_with(b"%PDF-") {
        // Whoever answered, it was not the printer of invoices: the next try may reach it.
        return Err(LedgerError::Unavailable(Broken::Body("the answer is no PDF").boxed()));
    }
    if answer.body.len() > MAX_PDF_BYTES {
        return Err(LedgerError::Malformed(format!("the PDF exceeds {MAX_PDF_BYTES} bytes")));
    }
    Ok(answer.body)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn answer(body: &[u8]) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.to_vec() }
    }

    fn link(body: &str) -> Option<PayLink> {
        pay_link(&Parts::of(&answer(body.as_bytes())).unwrap())
    }

    #[test]
    fn only_an_https_address_is_a_pay_page() {
        let body = |url: &str| format!(r#"{{"OnlineInvoices":[{{"OnlineInvoiceUrl":"{url}","New":1}}]}}"#);
        let expected = PayLink { url: String::from("https://in.xero.com/abc"), expires_at: None };
        assert_eq!(link(&body("https://in.xero.com/abc")), Some(expected));
        for url in ["http://in.xero.com/abc", "javascript:alert(1)", "in.xero.com/abc", ""] {
            assert_eq!(link(&body(url)), None, "{url}");
        }
        for body in ["{}", r#"{"OnlineInvoices":[]}"#, r#"{"OnlineInvoices":[{}]}"#] {
            assert_eq!(link(body), None, "{body}");
        }
    }

    #[test]
    fn only_a_pdf_of_a_sensible_size_is_one() {
        assert_eq!(pdf(answer(b"%PDF-1.4 x")).unwrap(), b"%PDF-1.4 x");
        for body in ["", "{\"Invoices\":[]}", "<html>"] {
            assert!(matches!(pdf(answer(body.as_bytes())), Err(LedgerError::Unavailable(_))), "{body}");
        }
        let mut large = b"%PDF-".to_vec();
        large.resize(MAX_PDF_BYTES + 1, b' ');
        assert!(matches!(pdf(answer(&large)), Err(LedgerError::Malformed(_))));
    }

    #[test]
    fn the_official_sample_has_a_pay_page() {
        let Some(text) = samples::text("xero/openapi_online_invoice_200.json") else { return };
        assert!(link(&text).unwrap().url.starts_with("https://in.xero.com/"));
    }
}
