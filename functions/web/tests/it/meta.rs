use async_trait::async_trait;
use numo_app::port::{
    ledger::{Granted, LedgerAuth, LedgerError},
    whatsapp::{AccountError, NumberInfo, SenderAccess, WhatsappAccount},
};
use numo_domain::{
    credential::TokenSet,
    id::{PhoneNumberId, WabaId},
    template::{AccountTemplate, PackTemplate, TemplateStatus},
};
use secrecy::{ExposeSecret, SecretString};

/// An account 100 with the number 200, opened by the token `good`.
#[derive(Debug)]
pub(crate) struct OneAccount;

fn open(token: &SecretString) -> Result<(), AccountError> {
    match token.expose_secret() {
        "good" => Ok(()),
        "slow" => Err(AccountError::Unavailable("timeout".into())),
        _ => Err(AccountError::Refused),
    }
}

#[async_trait]
impl WhatsappAccount for OneAccount {
    async fn number(&self, access: &SenderAccess) -> Result<NumberInfo, AccountError> {
        open(&access.token)?;
        let number = "+971509990000".parse().unwrap();
        Ok(NumberInfo { number, verified_name: "Harbour Lane".to_owned(), can_send: true })
    }

    async fn numbers_of(&self, _waba: &WabaId, token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        open(token)?;
        Ok(vec!["200".parse().unwrap()])
    }

    async fn subscribe(&self, _waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        open(token)
    }

    async fn templates(&self, _waba: &WabaId, token: &SecretString) -> Result<Vec<AccountTemplate>, AccountError> {
        open(token)?;
        Ok(Vec::new())
    }

    async fn create_template(
        &self,
        _waba: &WabaId,
        token: &SecretString,
        _template: &PackTemplate,
    ) -> Result<TemplateStatus, AccountError> {
        open(token)?;
        Ok(TemplateStatus::Pending)
    }
}

/// The vault renews nothing in these tests.
#[derive(Debug)]
pub(crate) struct NoLedgerAuth;

#[async_trait]
impl LedgerAuth for NoLedgerAuth {
    fn authorise_url(&self, _redirect_uri: &str, _state: &str, _challenge: &str) -> String {
        panic!("web sends nobody to a consent page by itself")
    }

    async fn exchange(&self, _code: &SecretString, _verifier: &str, _uri: &str) -> Result<Granted, LedgerError> {
        panic!("web exchanges no code")
    }

    async fn refresh(&self, _tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
        panic!("web renews no token")
    }
}
