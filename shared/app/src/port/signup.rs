//! Meta's Embedded Signup: what our own app may ask of Meta about an account that a business connects.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::{
    id::{MetaUserId, PhoneNumberId, WabaId},
    registration_pin::RegistrationPin,
};
use secrecy::SecretString;

use crate::port::whatsapp::{AccountError, NumberInfo, SenderAccess};

/// Connects an account, and lets it go.
#[async_trait]
pub trait WhatsappSignup: Send + Sync {
    /// Trades a code, which is good once and for 30 seconds, for a business token.
    async fn exchange(&self, code: &SecretString) -> Result<SecretString, CodeError>;

    /// What a token is good for, by Meta's word.
    async fn inspect(&self, token: &SecretString) -> Result<TokenFacts, AccountError>;

    /// The numbers of an account, each with how it is registered; proves that the token opens the account.
    async fn numbers(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<AccountNumber>, AccountError>;

    /// Registers a number for the Cloud API, once; its PIN from then on is this one.
    async fn register(&self, number: &SenderAccess, pin: &RegistrationPin) -> Result<(), RegisterError>;

    /// Ends the delivery of an account's webhooks to the app.
    async fn unsubscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError>;
}

/// What Meta says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Whether it works at all.
    pub is_valid: bool,
    /// Whether it was made for our app.
    pub is_ours: bool,
    /// What it was granted.
    pub scopes: BTreeSet<String>,
    /// The accounts that it is limited to; none where Meta does not tell, which it leaves out at times.
    pub accounts: Option<BTreeSet<WabaId>>,
    /// Whose it is: a person, or the system user of the integration that a person installed; none where Meta does not tell.
    pub user: Option<MetaUserId>,
    /// When it ends; none where it does not.
    pub ends_at: Option<Timestamp>,
    /// When the access to the business's data ends, whatever the token says; none where it does not.
    pub data_access_ends_at: Option<Timestamp>,
}

impl TokenFacts {
    /// From when on the token is of no use, for whatever cause.
    pub fn access_ends_at(&self) -> Option<Timestamp> {
        self.ends_at.into_iter().chain(self.data_access_ends_at).min()
    }
}

/// A number of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountNumber {
    /// Meta's id of it.
    pub phone_number_id: PhoneNumberId,
    /// What Meta knows of it.
    pub info: NumberInfo,
    /// How it is registered.
    pub registration: Registration,
}

/// How a number is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// It sends by the Cloud API.
    Done,
    /// It is in use in the WhatsApp Business app, and sends by the Cloud API as it is: registering it would take it out
    /// of the phone.
    OnPhoneApp,
    /// Nobody registered it.
    Open,
}

/// A code was not traded.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// It was used before, is too old, or was made for another app.
    #[error("Meta does not accept the code")]
    Refused,
    /// Meta refused for another cause, such as our app's own secret, with its code.
    #[error("Meta refused with code {0}")]
    Rejected(u32),
    /// Timeouts, 5xx, broken answers: the code may be spent.
    #[error("Meta is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A number was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Meta refused for a cause that a person can do something about; nothing was changed.
    #[error("the number was not registered")]
    Refused(RegistrationTrouble),
    /// Any other failure; where Meta did not answer, nobody knows whether it happened.
    #[error("the registration failed")]
    Failed(#[source] AccountError),
}

/// Why Meta does not register a number (Meta: error codes, 133xxx).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationTrouble {
    /// The number has another PIN (133005; 131031 may say the same).
    WrongPin,
    /// Too many wrong PINs (133008).
    TooManyPins,
    /// PINs were tried too fast (133009).
    PinsTooFast,
    /// The number has to be verified first (133006).
    Unverified,
    /// The number was given up a moment ago (133015): five minutes.
    GivenUpLately,
    /// Ten requests in 72 hours were made (133016).
    TooOften,
}
