//! Mail to people of an organisation.

use std::{error::Error, fmt};

use async_trait::async_trait;
use numo_domain::email::EmailAddress;

/// Sends mails, from the stage's one address.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Sends one mail to one person, with one call.
    ///
    /// SES knows no idempotency: a call whose answer is lost may have sent it.
    async fn send(&self, letter: &Letter) -> Result<(), MailError>;
}

/// A mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who gets it.
    pub to: EmailAddress,
    /// Its subject, in one line.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
    /// The same as simple HTML.
    pub html: String,
    /// Where a click ends further mails of its kind (RFC 8058), if that is possible.
    pub unsubscribe: Option<String>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter")
    }
}

/// Why a mail was not certainly sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It was certainly not sent: the service is busy, the account may not send, or the address was refused.
    #[error("the mail was not sent")]
    NotSent(#[source] Box<dyn Error + Send + Sync>),
    /// It may have been sent: there was no clear answer.
    #[error("nobody knows whether the mail was sent")]
    Unclear(#[source] Box<dyn Error + Send + Sync>),
}
