//! Meta as a few rows in memory.

use std::{collections::BTreeSet, sync::Mutex};

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
    whatsapp_account::AccountTrouble,
};
use numo_testkit::memory_library::MemoryLibrary;
use secrecy::{ExposeSecret, SecretString};

/// One account with some numbers; its codes are `code-…`, its tokens `token-of-…`.
pub(crate) struct OneAccount {
    state: Mutex<State>,
    pub(crate) library: MemoryLibrary,
}

#[derive(Clone)]
pub(crate) struct State {
    pub(crate) waba: WabaId,
    pub(crate) numbers: Vec<(PhoneNumberId, Registration)>,
    pub(crate) facts: TokenFacts,
    /// Codes that were traded.
    pub(crate) spent: BTreeSet<String>,
    /// Every registration that was done, with its PIN.
    pub(crate) registered: Vec<(PhoneNumberId, String)>,
    /// Every PIN that was tried.
    pub(crate) tried: Vec<String>,
    /// What the next registrations get.
    pub(crate) trouble: Option<RegistrationTrouble>,
    /// The next registration happens, and its answer is lost.
    pub(crate) loses_answer: bool,
    pub(crate) is_subscribed: bool,
    pub(crate) is_down: bool,
    pub(crate) refuses_tokens: bool,
    pub(crate) troubles: BTreeSet<AccountTrouble>,
}

impl OneAccount {
    pub(crate) fn with(numbers: &[(&str, Registration)]) -> Self {
        let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"].map(String::from);
        let waba: WabaId = "100".parse().unwrap();
        let facts = TokenFacts {
            is_valid: true,
            is_ours: true,
            scopes: scopes.into(),
            accounts: Some(BTreeSet::from([waba.clone()])),
            user: Some("218471".parse().unwrap()),
            ends_at: None,
            data_access_ends_at: None,
        };
        let state = State {
            waba,
            numbers: numbers.iter().map(|(id, registration)| (id.parse().unwrap(), *registration)).collect(),
            facts,
            spent: BTreeSet::new(),
            registered: Vec::new(),
            tried: Vec::new(),
            trouble: None,
            loses_answer: false,
            is_subscribed: false,
            is_down: false,
            refuses_tokens: false,
            troubles: BTreeSet::new(),
        };
        Self { state: Mutex::new(state), library: MemoryLibrary::default() }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn look(&self) -> State {
        self.state.lock().unwrap().clone()
    }

    fn open(&self, waba: Option<&WabaId>, token: &SecretString) -> Result<State, AccountError> {
        let state = self.look();
        if state.is_down {
            return Err(AccountError::Unavailable("down".into()));
        }
        if !token.expose_secret().starts_with("token-of-") || state.refuses_tokens {
            return Err(AccountError::Refused);
        }
        if waba.is_some_and(|waba| *waba != state.waba) { Err(AccountError::Unknown) } else { Ok(state) }
    }
}

fn info(registration: Registration) -> NumberInfo {
    NumberInfo {
        number: "+97145550300".parse().unwrap(),
        verified_name: "Souk Trading".to_owned(),
        can_send: registration != Registration::Open,
        daily_limit: None,
        is_on_biz_app: registration == Registration::OnPhoneApp,
        throughput: Throughput::Standard,
        troubles: BTreeSet::new(),
    }
}

#[async_trait]
impl WhatsappSignup for OneAccount {
    async fn exchange(&self, code: &SecretString) -> Result<SecretString, CodeError> {
        let code = code.expose_secret().to_owned();
        let mut state = self.state.lock().unwrap();
        if !code.starts_with("code-") || !state.spent.insert(code.clone()) {
            return Err(CodeError::Refused);
        }
        Ok(format!("token-of-{code}").into())
    }

    async fn inspect(&self, token: &SecretString) -> Result<TokenFacts, AccountError> {
        Ok(self.open(None, token)?.facts)
    }

    async fn numbers(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<AccountNumber>, AccountError> {
        let numbers = self.open(Some(waba), token)?.numbers;
        let row = |(phone_number_id, registration): (PhoneNumberId, Registration)| AccountNumber {
            phone_number_id,
            info: info(registration),
            registration,
        };
        Ok(numbers.into_iter().map(row).collect())
    }

    async fn register(&self, access: &SenderAccess, pin: &RegistrationPin) -> Result<(), RegisterError> {
        self.open(None, &access.token).map_err(RegisterError::Failed)?;
        let mut state = self.state.lock().unwrap();
        let pin = pin.secret().expose_secret().to_owned();
        state.tried.push(pin.clone());
        if let Some(trouble) = state.trouble {
            return Err(RegisterError::Refused(trouble));
        }
        state.registered.push((access.phone_number_id.clone(), pin));
        for (phone, registration) in &mut state.numbers {
            if *phone == access.phone_number_id {
                assert_eq!(*registration, Registration::Open, "registered twice, or taken out of the phone");
                *registration = Registration::Done;
            }
        }
        match std::mem::take(&mut state.loses_answer) {
            true => Err(RegisterError::Failed(AccountError::Unavailable("lost".into()))),
            false => Ok(()),
        }
    }

    async fn unsubscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        self.open(Some(waba), token)?;
        self.change(|state| state.is_subscribed = false);
        Ok(())
    }
}

#[async_trait]
impl WhatsappAccount for OneAccount {
    fn library(&self) -> &dyn TemplateLibrary {
        &self.library
    }

    async fn number(&self, access: &SenderAccess) -> Result<NumberInfo, AccountError> {
        let state = self.open(None, &access.token)?;
        let found = state.numbers.iter().find(|(phone, _)| *phone == access.phone_number_id);
        let told = found.map(|(_, registration)| info(*registration)).ok_or(AccountError::Unknown)?;
        Ok(NumberInfo { troubles: state.troubles.clone(), ..told })
    }

    async fn numbers_of(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<PhoneNumberId>, AccountError> {
        Ok(self.open(Some(waba), token)?.numbers.into_iter().map(|(phone, _)| phone).collect())
    }

    async fn subscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        self.open(Some(waba), token)?;
        self.change(|state| state.is_subscribed = true);
        Ok(())
    }

    async fn templates(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<FoundTemplate>, AccountError> {
        self.open(Some(waba), token).map(|_| Vec::new())
    }

    async fn unarchive(&self, waba: &WabaId, token: &SecretString, _ids: &[String]) -> Result<(), AccountError> {
        self.open(Some(waba), token).map(|_| ())
    }

    async fn billed(
        &self,
        waba: &WabaId,
        token: &SecretString,
        _from: Timestamp,
        _until: Timestamp,
    ) -> Result<Sums, AccountError> {
        self.open(Some(waba), token).map(|_| Sums::default())
    }

    async fn create_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &PackTemplate,
    ) -> Result<AccountTemplate, AccountError> {
        self.open(Some(waba), token).map(|_| AccountTemplate::pending(template.reference()))
    }
}

/// An instant some days from another.
pub(crate) fn days_after(at: Timestamp, days: i64) -> Timestamp {
    at + jiff::SignedDuration::from_hours(24 * days)
}
