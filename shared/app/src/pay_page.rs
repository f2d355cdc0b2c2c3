//! A customer opens the pay button of a message.

use numo_domain::{id::PayToken, invoice::InvoiceStatus};

use crate::{
    error::AppError,
    invoice_documents::{DocumentPorts, pay_link},
};

/// What a customer gets to see who opens a pay button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayPage {
    /// The page of the ledger on which the invoice can be seen and paid.
    At(String),
    /// Nothing is left to pay.
    Settled,
    /// The ledger has no page for it.
    NotOnline,
}

/// Finds the page that a token opens; the ledger is asked when somebody wants to pay, and not for every message.
///
/// # Errors
/// `NotFound` for a token that no message had, or whose invoice is not known any more.
pub async fn pay_page(ports: &DocumentPorts, token: &PayToken) -> Result<PayPage, AppError> {
    let (store, unknown) = (&ports.store, || AppError::NotFound("pay page"));
    let target = store.pay_target(token).await?.ok_or_else(unknown)?;
    let known = store.invoices_by_id(&target.org, target.connection, std::slice::from_ref(&target.invoice)).await?;
    let invoice = known.into_iter().next().ok_or_else(unknown)?.value.invoice;
    if !invoice.is_open() {
        return Ok(if invoice.status == InvoiceStatus::Paid { PayPage::Settled } else { PayPage::NotOnline });
    }
    let connections = store.connections(&target.org).await?;
    let Some(connection) = connections.iter().find(|known| known.id == target.connection) else {
        return Err(unknown());
    };
    let link = pay_link(ports, &target.org, connection, &invoice).await;
    match link {
        Ok(Some(url)) => Ok(PayPage::At(url)),
        // Only the owner can bring the ledger back; the customer can do nothing but write.
        Ok(None) | Err(AppError::ReauthRequired | AppError::NotFound(_) | AppError::Rejected(_)) => {
            Ok(PayPage::NotOnline)
        }
        Err(error) => Err(error),
    }
}
