//! Meta's side of sign-ups, as far as accounts are let go.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use numo_app::port::{
    signup::{AccountNumber, CodeError, RegisterError, TokenFacts, WhatsappSignup},
    whatsapp::{AccountError, SenderAccess},
};
use numo_domain::{id::WabaId, registration_pin::RegistrationPin};
use secrecy::SecretString;

use crate::{lock::lock, outage::Outage};

/// Lets accounts go, and remembers which; everything else fails.
#[derive(Debug, Default)]
pub struct MemorySignup {
    unsubscribed: Mutex<Vec<WabaId>>,
    refusals: Mutex<VecDeque<AccountError>>,
}

impl MemorySignup {
    /// Nobody was let go yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next call fails with this.
    pub fn refuse(&self, error: AccountError) {
        lock(&self.refusals).push_back(error);
    }

    /// The accounts that were let go, each as often as it was asked for.
    pub fn unsubscribed(&self) -> Vec<WabaId> {
        lock(&self.unsubscribed).clone()
    }
}

fn down() -> Box<dyn std::error::Error + Send + Sync> {
    Outage::because("only letting go is simulated")
}

#[async_trait]
impl WhatsappSignup for MemorySignup {
    async fn exchange(&self, _: &SecretString) -> Result<SecretString, CodeError> {
        Err(CodeError::Unavailable(down()))
    }

    async fn inspect(&self, _: &SecretString) -> Result<TokenFacts, AccountError> {
        Err(AccountError::Unavailable(down()))
    }

    async fn numbers(&self, _: &WabaId, _: &SecretString) -> Result<Vec<AccountNumber>, AccountError> {
        Err(AccountError::Unavailable(down()))
    }

    async fn register(&self, _: &SenderAccess, _: &RegistrationPin) -> Result<(), RegisterError> {
        Err(RegisterError::Failed(AccountError::Unavailable(down())))
    }

    async fn unsubscribe(&self, waba: &WabaId, _: &SecretString) -> Result<(), AccountError> {
        if let Some(error) = lock(&self.refusals).pop_front() {
            return Err(error);
        }
        lock(&self.unsubscribed).push(waba.clone());
        Ok(())
    }
}
