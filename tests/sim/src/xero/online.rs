use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::{access, accounting, errors, invoices};

/// `GET /Invoices/{id}/OnlineInvoice`: only approved sales invoices have one.
pub(crate) async fn link(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let unknown = errors::not_found(&app);
    accounting::about(&app, &headers, invoices::SCOPE, "OnlineInvoices", |tenant| {
        let row = tenant.row(Collection::Invoices, &id).ok_or_else(|| unknown.clone())?;
        if row.at("Type") != "ACCREC" || row.at("Status") != "AUTHORISED" {
            return Err(errors::validation("Online invoices are available for approved sales invoices only", row));
        }
        Ok(json!({ "OnlineInvoiceUrl": address(row) }))
    })
}

/// The invoice as a document of one page.
pub(crate) fn pdf(app: &App, headers: &HeaderMap, id: &str) -> Response {
    let unknown = errors::not_found(app);
    let drawn = access::tenant(app, headers, invoices::SCOPE).and_then(|key| {
        let xero = app.xero();
        let row = xero.tenant(&key).and_then(|tenant| tenant.row(Collection::Invoices, id)).ok_or(unknown)?;
        Ok(document(row.at("InvoiceNumber").as_str().unwrap_or_default()))
    });
    match drawn {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Lasting and not to be guessed from the number, as Xero's are.
fn address(row: &Value) -> String {
    let id = row.at("InvoiceID").as_str().unwrap_or_default();
    format!("https://in.xero.com/{}", URL_SAFE_NO_PAD.encode(id.replace('-', "")))
}

/// The least that is a valid PDF 1.4 with one line of text.
fn document(title: &str) -> Vec<u8> {
    let printable = title.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_ .".contains(*letter));
    let drawing = format!("BT /F1 18 Tf 36 100 Td (Invoice {}) Tj ET", printable.collect::<String>());
    let objects = [
        String::from("<< /Type /Catalog /Pages 2 0 R >>"),
        String::from("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        String::from(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 144] /Contents 4 0 R \
             /Resources << /Font << /F1 5 0 R >> >> >>",
        ),
        format!("<< /Length {} >>\nstream\n{drawing}\nendstream", drawing.len()),
        String::from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
    ];
    let mut text = String::from("%PDF-1.4\n");
    let mut index = String::from("0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        index.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let (n_objects, index_at) = (objects.len() + 1, text.len());
    text.push_str(&format!(
        "xref\n0 {n_objects}\n{index}trailer\n<< /Size {n_objects} /Root 1 0 R >>\nstartxref\n{index_at}\n%%EOF\n"
    ));
    text.into_bytes()
}
