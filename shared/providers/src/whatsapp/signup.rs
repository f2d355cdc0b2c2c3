//! Embedded Signup: codes, what tokens are good for, and the registration of numbers.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::{
    signup::{AccountNumber, CodeError, RegisterError, Registration, RegistrationTrouble, TokenFacts, WhatsappSignup},
    whatsapp::{AccountError, SenderAccess},
};
use numo_domain::{id::WabaId, registration_pin::RegistrationPin};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::{
    http::call::{Answer, Broken},
    whatsapp::{
        account::{NUMBER_FIELDS, broken, good, id, number},
        errors::AccountCall,
        graph::{GraphClient, GraphError},
    },
};

/// Our app at Meta.
#[derive(Debug, Clone)]
pub struct MetaApp {
    /// Its id, which pages show.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// The calls that only the app itself may make, and those that connect an account.
#[derive(Debug, Clone)]
pub struct SignupClient {
    graph: GraphClient,
    app: MetaApp,
}

impl SignupClient {
    /// Calls as an app.
    pub const fn new(graph: GraphClient, app: MetaApp) -> Self {
        Self { graph, app }
    }

    /// The token of the app itself (Meta: access tokens, app access tokens).
    fn app_token(&self) -> SecretString {
        format!("{}|{}", self.app.id, self.app.secret.expose_secret()).into()
    }
}

#[async_trait]
impl WhatsappSignup for SignupClient {
    async fn exchange(&self, code: &SecretString) -> Result<SecretString, CodeError> {
        let query = [
            ("client_id", self.app.id.as_str()),
            ("client_secret", self.app.secret.expose_secret()),
            ("code", code.expose_secret()),
        ];
        let answer = self.graph.ask("exchange", &["oauth", "access_token"], &query).await;
        let answer = answer.map_err(|error| CodeError::Unavailable(error.boxed()))?;
        let body = answer.json().filter(|_| answer.is_success()).unwrap_or_default();
        match body.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty()) {
            Some(token) => Ok(token.to_owned().into()),
            None => Err(code_error(&answer)),
        }
    }

    async fn inspect(&self, token: &SecretString) -> Result<TokenFacts, AccountError> {
        let query = [("input_token", token.expose_secret())];
        let answer = self.graph.get("inspect", &["debug_token"], &self.app_token(), &query).await;
        let body = good(answer, AccountCall::WithBody)?;
        let data = body.get("data").ok_or_else(|| broken("a token without data"))?;
        Ok(token_facts(data, &self.app.id))
    }

    async fn numbers(&self, waba: &WabaId, token: &SecretString) -> Result<Vec<AccountNumber>, AccountError> {
        let fields = format!("id,{NUMBER_FIELDS},platform_type");
        let rows = self.graph.rows("numbers", &[waba.as_str(), "phone_numbers"], token, &[("fields", &fields)]).await?;
        rows.iter().map(account_number).collect()
    }

    async fn register(&self, access: &SenderAccess, pin: &RegistrationPin) -> Result<(), RegisterError> {
        let path = [access.phone_number_id.as_str(), "register"];
        let body = json!({ "messaging_product": "whatsapp", "pin": pin.secret().expose_secret() });
        let answer = self.graph.post("register", &path, &access.token, &body).await;
        let trouble = answer.as_ref().ok().and_then(GraphError::of).and_then(|error| trouble(error.code));
        match (trouble, good(answer, AccountCall::WithBody)) {
            (Some(trouble), _) => Err(RegisterError::Refused(trouble)),
            (None, Ok(body)) if is_done(&body) => Ok(()),
            (None, Ok(_)) => Err(RegisterError::Failed(broken("a registration without success"))),
            (None, Err(error)) => Err(RegisterError::Failed(error)),
        }
    }

    async fn unsubscribe(&self, waba: &WabaId, token: &SecretString) -> Result<(), AccountError> {
        let answer = self.graph.delete("unsubscribe", &[waba.as_str(), "subscribed_apps"], token).await;
        let body = good(answer, AccountCall::ByIdAlone)?;
        if is_done(&body) { Ok(()) } else { Err(broken("an end of a subscription without success")) }
    }
}

fn is_done(body: &Value) -> bool {
    body.get("success").and_then(Value::as_bool) == Some(true)
}

/// Why a code was not traded: 100 is about the code, any other code about us (Meta: manual login flow, errors).
fn code_error(answer: &Answer) -> CodeError {
    match GraphError::of(answer) {
        Some(GraphError { code: 100, .. }) => CodeError::Refused,
        Some(GraphError { code, .. }) if answer.status < 500 && code != 2 => CodeError::Rejected(code),
        Some(_) | None => CodeError::Unavailable(Broken::Status(answer.status).boxed()),
    }
}

/// What `debug_token` tells (Meta: debugging access tokens).
fn token_facts(data: &Value, app_id: &str) -> TokenFacts {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let names = |value: Option<&Value>| list(value).iter().filter_map(id).collect::<BTreeSet<String>>();
    let granular = list(data.get("granular_scopes"));
    let granted = granular.iter().filter_map(|row| row.get("scope")).filter_map(id);
    let mut scopes = names(data.get("scopes"));
    scopes.extend(granted);
    // Newer answers may leave out the row of this scope, or its targets: then the account itself is asked.
    let targets = granular.iter().find(|row| row.get("scope").and_then(Value::as_str) == Some(MANAGEMENT));
    let accounts = targets.and_then(|row| row.get("target_ids")).map(|ids| names(Some(ids)));
    TokenFacts {
        is_valid: data.get("is_valid").and_then(Value::as_bool) == Some(true),
        is_ours: data.get("app_id").and_then(id).as_deref() == Some(app_id),
        scopes,
        accounts: accounts.map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect()),
        user: data.get("user_id").and_then(id).and_then(|id| id.parse().ok()),
        ends_at: instant(data.get("expires_at")),
        data_access_ends_at: instant(data.get("data_access_expires_at")),
    }
}

/// The scope whose targets are accounts.
const MANAGEMENT: &str = "whatsapp_business_management";

/// Seconds since 1970, of which 0 means never.
fn instant(value: Option<&Value>) -> Option<Timestamp> {
    let seconds = value.and_then(Value::as_i64).filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

/// A number with how it is registered (Meta: business phone numbers).
fn account_number(row: &Value) -> Result<AccountNumber, AccountError> {
    let phone_number_id = row.get("id").and_then(id).and_then(|id| id.parse().ok());
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let is_cloud = text("platform_type").is_none_or(|platform| platform == "CLOUD_API");
    let is_open = text("status").is_none_or(|status| UNREGISTERED.contains(&status));
    let registration = match row.get("is_on_biz_app").and_then(Value::as_bool) {
        Some(true) => Registration::OnPhoneApp,
        Some(false) | None if is_cloud && !is_open => Registration::Done,
        Some(false) | None => Registration::Open,
    };
    Ok(AccountNumber {
        phone_number_id: phone_number_id.ok_or_else(|| broken("a number without an id"))?,
        info: number(row)?,
        registration,
    })
}

/// States of a number that nobody registered; all others, a ban among them, are of a registered one.
const UNREGISTERED: [&str; 5] = ["PENDING", "UNVERIFIED", "DISCONNECTED", "MIGRATED", "DELETED"];

/// Troubles that a person can do something about, by Meta's code.
const fn trouble(code: u32) -> Option<RegistrationTrouble> {
    Some(match code {
        133_005 | 131_031 => RegistrationTrouble::WrongPin,
        133_006 => RegistrationTrouble::Unverified,
        133_008 => RegistrationTrouble::TooManyPins,
        133_009 => RegistrationTrouble::PinsTooFast,
        133_015 => RegistrationTrouble::GivenUpLately,
        133_016 => RegistrationTrouble::TooOften,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(data: &Value) -> TokenFacts {
        token_facts(data, "1")
    }

    #[test]
    fn a_token_tells_its_scopes_and_accounts_as_far_as_meta_names_them() {
        let (management, messaging) = ("whatsapp_business_management", "whatsapp_business_messaging");
        let full = json!({
            "is_valid": true, "app_id": "1", "scopes": [management, messaging], "expires_at": 1_800_000_000,
            "data_access_expires_at": 1_700_000_000, "user_id": "218471",
            "granular_scopes": [{ "scope": management, "target_ids": ["100", 101] }, { "scope": messaging }],
        });
        let told = facts(&full);
        let accounts = ["100", "101"].map(|id| id.parse().unwrap());
        assert_eq!(told.accounts, Some(accounts.into()));
        assert_eq!(told.scopes, [management, messaging].map(String::from).into());
        assert_eq!(told.access_ends_at(), Some(Timestamp::from_second(1_700_000_000).unwrap()));
        assert_eq!(told.user, Some("218471".parse().unwrap()));
        assert!(told.is_valid && told.is_ours);
        // Meta leaves the row of this scope out at times, or its targets.
        for granular in [json!([]), json!([{ "scope": messaging }]), json!([{ "scope": management }]), Value::Null] {
            let told = facts(&json!({ "scopes": [management], "granular_scopes": granular }));
            assert_eq!(told.accounts, None, "{granular}");
        }
        let never = facts(&json!({ "is_valid": true, "app_id": 2, "expires_at": 0, "data_access_expires_at": 0 }));
        assert_eq!((never.access_ends_at(), never.user, never.is_ours, never.scopes.len()), (None, None, false, 0));
    }

    #[test]
    fn a_number_is_registered_unless_meta_says_otherwise_and_one_of_the_phone_app_is_a_case_of_its_own() {
        let row = |status: &str, platform: &str, phone_app: bool| {
            json!({
                "id": "200", "display_phone_number": "+971 4 555 0300", "verified_name": "Souk", "status": status,
                "platform_type": platform, "is_on_biz_app": phone_app,
            })
        };
        for (status, platform, phone_app, expected) in [
            ("CONNECTED", "CLOUD_API", false, Registration::Done),
            ("FLAGGED", "CLOUD_API", false, Registration::Done),
            ("BANNED", "CLOUD_API", false, Registration::Done),
            ("CONNECTED", "CLOUD_API", true, Registration::OnPhoneApp),
            ("PENDING", "NOT_APPLICABLE", true, Registration::OnPhoneApp),
            ("PENDING", "CLOUD_API", false, Registration::Open),
            ("CONNECTED", "ON_PREMISE", false, Registration::Open),
            ("DISCONNECTED", "CLOUD_API", false, Registration::Open),
        ] {
            let number = account_number(&row(status, platform, phone_app)).unwrap();
            assert_eq!(number.registration, expected, "{status} {platform} {phone_app}");
        }
        assert!(matches!(account_number(&json!({ "id": "1" })), Err(AccountError::Unavailable(_))));
    }

    #[test]
    fn every_documented_trouble_of_a_registration_is_known() {
        let known: Vec<u32> = (133_000..133_100).chain([131_031]).filter(|code| trouble(*code).is_some()).collect();
        assert_eq!(known, [133_005, 133_006, 133_008, 133_009, 133_015, 133_016, 131_031]);
    }
}
