//! Token sets: the secrets that open a ledger or a WhatsApp account.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::{
    connection::{Connection, Provider},
    id::{GrantHolder, WabaId},
};

/// Tokens with less than this left are renewed before use.
pub const FRESH_ENOUGH: SignedDuration = SignedDuration::from_mins(5);

/// Which token set of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantRef {
    /// Who issued it.
    pub provider: Provider,
    /// To whom: one Xero user's token set opens all his organisations.
    pub holder: GrantHolder,
}

impl GrantRef {
    /// The token set that opens a connection.
    pub fn of(connection: &Connection) -> Self {
        Self { provider: connection.provider.into(), holder: connection.holder.clone() }
    }

    /// The token set that opens a WhatsApp account and all of its numbers.
    pub fn of_account(waba: &WabaId) -> Self {
        Self { provider: Provider::Whatsapp, holder: waba.into() }
    }

    /// The name of the grant in its key and in the encryption context.
    pub fn name(&self) -> String {
        format!("{}#{}", self.provider.as_str(), self.holder)
    }
}

/// An access token with what renews it.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// Bearer token.
    pub access: SecretString,
    /// When the access token ends; `None` means never.
    pub access_expires_at: Option<Timestamp>,
    /// Renews the access token; Meta's business tokens have none.
    pub refresh: Option<SecretString>,
    /// Granted scopes, space separated.
    pub scope: String,
    /// When the consent ends for good, however often it is renewed; `None` where the provider sets no end.
    pub consent_ends_at: Option<Timestamp>,
}

impl TokenSet {
    /// A token that does not end and cannot be renewed, as Meta's business tokens.
    pub const fn lasting(access: SecretString) -> Self {
        Self { access, access_expires_at: None, refresh: None, scope: String::new(), consent_ends_at: None }
    }

    /// Whether the access token can be used for a call that starts now.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.lasts(now, FRESH_ENOUGH)
    }

    /// Whether the access token is still accepted, if only just.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.lasts(now, SignedDuration::from_secs(10))
    }

    fn lasts(&self, now: Timestamp, at_least: SignedDuration) -> bool {
        self.access_expires_at.is_none_or(|end| end.duration_since(now) > at_least)
    }

    /// The renewed set; what the answer leaves out stays as it was.
    pub fn renewed_by(self, answer: Self) -> Self {
        let scope = if answer.scope.is_empty() { self.scope } else { answer.scope };
        Self {
            refresh: answer.refresh.or(self.refresh),
            consent_ends_at: answer.consent_ends_at.or(self.consent_ends_at),
            scope,
            ..answer
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn token(refresh: Option<&str>) -> TokenSet {
        TokenSet {
            access: "access".into(),
            access_expires_at: Some(Timestamp::from_second(1_000).unwrap()),
            refresh: refresh.map(Into::into),
            scope: String::new(),
            consent_ends_at: None,
        }
    }

    #[test]
    fn a_token_about_to_end_is_valid_but_not_fresh() {
        let now = Timestamp::from_second(900).unwrap();
        assert_eq!((token(None).is_fresh(now), token(None).is_valid(now)), (false, true));
    }

    #[test]
    fn an_answer_without_a_refresh_token_keeps_the_old_one() {
        let renewed = token(Some("old")).renewed_by(token(None));
        assert_eq!(renewed.refresh.unwrap().expose_secret(), "old");
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", token(Some("hush"))).contains("hush"));
    }
}
