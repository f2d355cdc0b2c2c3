//! The invoice as a PDF above a message: read from the ledger and given to Meta before the message is claimed.

use jiff::SignedDuration;
use numo_domain::{connection::Connection, id::OrgId, invoice::Invoice, message::Document, sender::Sender};

use crate::{
    dispatch_run::DispatchPorts,
    error::AppError,
    invoice_documents::{DocumentPorts, pdf},
    port::whatsapp::SenderAccess,
    store::document::GivenPdf,
};

/// How far the PDF of one message has come.
///
/// A step makes one call to the outside at most; what it takes is time in which everything may change, so whoever takes
/// a step decides anew after it.
#[derive(Debug)]
pub(crate) enum Attachment {
    /// Nothing was done for it.
    Untried,
    /// The ledger printed it.
    Read(Vec<u8>),
    /// Meta has it.
    Given(Document),
    /// There is none: the message goes out without it.
    Without,
}

/// Whose invoice is given to Meta for which number.
pub(crate) struct Attaching<'a> {
    pub org: &'a OrgId,
    pub connection: &'a Connection,
    pub invoice: &'a Invoice,
    pub sender: &'a (Sender, SenderAccess),
}

/// Meta keeps an uploaded file for 30 days (Meta: media).
const GIVEN_FOR: SignedDuration = SignedDuration::from_hours(24 * 25);

/// What every PDF begins with.
const MAGIC: &[u8] = b"%PDF-";

impl Attachment {
    /// Goes one step; a PDF that cannot be had keeps no message from going out.
    ///
    /// # Errors
    /// `RateLimited` where the ledger wants to be left alone, and what is wrong with our own services.
    pub(crate) async fn step(self, ports: &DispatchPorts, attaching: &Attaching<'_>) -> Result<Self, AppError> {
        match self {
            Self::Untried => attaching.read(ports).await,
            Self::Read(file) => attaching.give(ports, &file).await,
            end @ (Self::Given(_) | Self::Without) => Ok(end),
        }
    }
}

impl Attaching<'_> {
    /// The file that Meta has of this state of the invoice, or else what the ledger prints.
    async fn read(&self, ports: &DispatchPorts) -> Result<Attachment, AppError> {
        let Self { org, connection, invoice, sender } = self;
        let (store, now) = (&ports.waker.store, ports.clock.now());
        let given = store.given_pdf(org, &sender.0.phone_number_id, (connection.id, &invoice.id)).await?;
        let is_good = |given: &GivenPdf| given.good_until > now && given.invoice_updated_at == invoice.updated_at;
        if let Some(GivenPdf { media, .. }) = given.filter(is_good) {
            return Ok(Attachment::Given(Document { media, file_name: file_name(&invoice.number) }));
        }
        let documents = DocumentPorts {
            store: store.clone(),
            vault: ports.vault.clone(),
            documents: ports.documents.clone(),
            clock: ports.clock.clone(),
        };
        match pdf(&documents, org, connection, invoice).await {
            Ok(file) if file.starts_with(MAGIC) => Ok(Attachment::Read(file)),
            Ok(_) => Ok(without("not a PDF")),
            Err(
                error @ (AppError::RateLimited { .. }
                | AppError::AwsUnavailable(_)
                | AppError::Malformed(_)
                | AppError::Internal(_)),
            ) => Err(error),
            Err(error) => Ok(without(error.class())),
        }
    }

    async fn give(&self, ports: &DispatchPorts, file: &[u8]) -> Result<Attachment, AppError> {
        let Self { org, connection, invoice, sender } = self;
        let media = match ports.messaging.upload_pdf(&sender.1, file).await {
            Ok(media) => media,
            Err(error) => {
                tracing::warn!(error = %error, "Meta did not take an invoice");
                return Ok(Attachment::Without);
            }
        };
        let now = ports.clock.now();
        let given = GivenPdf {
            invoice_updated_at: invoice.updated_at,
            media: media.clone(),
            good_until: now.saturating_add(GIVEN_FOR).unwrap_or(now),
        };
        let which = (connection.id, &invoice.id);
        ports.waker.store.keep_given_pdf(org, &sender.0.phone_number_id, which, &given, now).await?;
        Ok(Attachment::Given(Document { media, file_name: file_name(&invoice.number) }))
    }
}

fn without(why: &'static str) -> Attachment {
    tracing::warn!(why, "the ledger printed no invoice");
    Attachment::Without
}

/// Longest name of a file without its end.
const MAX_NAME_CHARS: usize = 60;

/// What the customer sees as the name of the file.
fn file_name(number: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let plain = number.chars().map(|c| if is_plain(c) { c } else { '-' }).take(MAX_NAME_CHARS).collect::<String>();
    match plain.trim_matches(['-', ' ']) {
        "" => "invoice.pdf".to_owned(),
        name => format!("{name}.pdf"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_like_its_invoice() {
        for (number, name) in [
            ("INV-1042", "INV-1042.pdf"),
            ("2026/11 A", "2026-11 A.pdf"),
            ("../../etc", "etc.pdf"),
            ("فاتورة 7", "فاتورة 7.pdf"),
            (" \n", "invoice.pdf"),
            ("", "invoice.pdf"),
        ] {
            assert_eq!(file_name(number), name);
        }
        assert_eq!(file_name(&"9".repeat(300)).chars().count(), MAX_NAME_CHARS + 4);
    }
}
