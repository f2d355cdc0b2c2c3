use async_trait::async_trait;
use numo_app::port::whatsapp::{AccountError, FoundTemplate, NumberInfo, SenderAccess, WhatsappAccount};
use numo_domain::{
    id::{PhoneNumberId, WabaId},
    sender::Throughput,
    template::{AccountTemplate, PackTemplate},
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
        Ok(NumberInfo {
            number,
            verified_name: "Harbour Lane".to_owned(),
            can_send: true,
            daily_limit: Some(2_000),
            is_on_biz_app: false,
            throughput: Throughput::Standard,
        })
    }

    async fn numbers_of(&self, _waba: &WabaId, token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        open(token)?;
        Ok(vec!["200".parse().unwrap()])
    }

    async fn subscribe(&self, _waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        open(token)
    }

    async fn templates(&self, _waba: &WabaId, token: &SecretString) -> Result<Vec<FoundTemplate>, AccountError> {
        open(token)?;
        Ok(Vec::new())
    }

    async fn unarchive(&self, _waba: &WabaId, token: &SecretString, _ids: &[String]) -> Result<(), AccountError> {
        open(token)
    }

    async fn create_template(
        &self,
        _waba: &WabaId,
        token: &SecretString,
        template: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError> {
        open(token)?;
        Ok(AccountTemplate::pending(template.reference()))
    }
}
