use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    signup::{AccountNumber, CodeError, RegisterError, Registration, RegistrationTrouble, TokenFacts, WhatsappSignup},
    template_library::TemplateLibrary,
    whatsapp::{AccountError, FoundTemplate, NumberInfo, SenderAccess, WhatsappAccount},
};
use numo_domain::{
    account_bill::Sums,
    id::{PhoneNumberId, WabaId},
    registration_pin::RegistrationPin,
    sender::Throughput,
    template::{AccountTemplate, PackTemplate},
};
use numo_testkit::memory_library::MemoryLibrary;
use secrecy::{ExposeSecret, SecretString};

/// An account 100 with the number 200, opened by the token `good`.
#[derive(Debug, Default)]
pub(crate) struct OneAccount {
    pub(crate) library: MemoryLibrary,
}

fn open(token: &SecretString) -> Result<(), AccountError> {
    match token.expose_secret() {
        "good" | "good-pin" | "good-none" => Ok(()),
        "slow" => Err(AccountError::Unavailable("timeout".into())),
        _ => Err(AccountError::Refused),
    }
}

#[async_trait]
impl WhatsappAccount for OneAccount {
    fn library(&self) -> &dyn TemplateLibrary {
        &self.library
    }

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
            troubles: BTreeSet::new(),
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

    async fn billed(
        &self,
        _waba: &WabaId,
        token: &SecretString,
        _from: Timestamp,
        _until: Timestamp,
    ) -> Result<Sums, AccountError> {
        open(token)?;
        Ok(Sums::default())
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

/// A code is traded for a token of the same name: `good-pin` has a number with the PIN 246810, `good-none` has none.
#[async_trait]
impl WhatsappSignup for OneAccount {
    async fn exchange(&self, code: &SecretString) -> Result<SecretString, CodeError> {
        match open(code) {
            Ok(()) => Ok(code.clone()),
            Err(_) => Err(CodeError::Refused),
        }
    }

    async fn inspect(&self, token: &SecretString) -> Result<TokenFacts, AccountError> {
        open(token)?;
        let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
        Ok(TokenFacts {
            is_valid: true,
            is_ours: true,
            scopes: scopes.map(str::to_owned).into(),
            accounts: Some(BTreeSet::from(["100".parse().unwrap()])),
            user: Some("218471".parse().unwrap()),
            ends_at: Some("2027-01-23T06:00:00Z".parse().unwrap()),
            data_access_ends_at: None,
        })
    }

    async fn numbers(&self, _waba: &WabaId, token: &SecretString) -> Result<Vec<AccountNumber>, AccountError> {
        let registration = match token.expose_secret() {
            "good-none" => return Ok(Vec::new()),
            "good-pin" => Registration::Open,
            _ => Registration::Done,
        };
        let phone_number_id: PhoneNumberId = "200".parse().unwrap();
        let access = SenderAccess { phone_number_id: phone_number_id.clone(), token: token.clone() };
        Ok(vec![AccountNumber { phone_number_id, info: self.number(&access).await?, registration }])
    }

    async fn register(&self, _number: &SenderAccess, pin: &RegistrationPin) -> Result<(), RegisterError> {
        match pin.secret().expose_secret() {
            "246810" => Ok(()),
            _ => Err(RegisterError::Refused(RegistrationTrouble::WrongPin)),
        }
    }

    async fn unsubscribe(&self, _waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        open(token)
    }
}
