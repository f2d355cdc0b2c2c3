//! Meta's template library, and the templates that an account has of it.

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_domain::{
    id::WabaId,
    library::{LibraryText, entry::LibraryEntry},
    reminder::TemplateRef,
    template::{AccountTemplate, Purpose},
};
use secrecy::SecretString;

use crate::port::whatsapp::AccountError;

/// Meta's library of texts, and the templates that an account has of it.
#[async_trait]
pub trait TemplateLibrary: Send + Sync {
    /// What the library offers for a purpose, in every language, as it is at this moment.
    async fn offered(
        &self,
        waba: &WabaId,
        token: &SecretString,
        purpose: Purpose,
    ) -> Result<Vec<LibraryEntry>, AccountError>;

    /// Makes a template of the account from a text of the library; how it stands is asked for.
    async fn make_template(&self, waba: &WabaId, token: &SecretString, text: &LibraryText) -> Result<(), AccountError>;

    /// A template that was made so, if the account has it.
    async fn made_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &TemplateRef,
    ) -> Result<Option<MadeTemplate>, AccountError>;
}

/// A template of an account, with what decides whether it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeTemplate {
    /// How it stands.
    pub standing: AccountTemplate,
    /// What it says.
    pub body: String,
    /// For how long Meta tries to deliver a message with it; none where that is Meta's own 30 days.
    pub time_to_live: Option<SignedDuration>,
}
