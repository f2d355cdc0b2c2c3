//! From a code to a token that is proved to open the account.

use jiff::Timestamp;
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::{OrgId, WabaId},
};
use secrecy::SecretString;

use crate::{
    connect_whatsapp::{SignupPorts, failure},
    error::AppError,
    port::{
        signup::{AccountNumber, CodeError, TokenFacts},
        whatsapp::AccountError,
    },
    vault::envelope::Bound,
};

/// What sends messages; nothing that a sign-up does would prove it (Meta: permissions).
const MESSAGING: &str = "whatsapp_business_messaging";

/// What looks after an account. Since June 2026 some tokens of sign-ups that work do not name it (chatwoot PR 14697), so
/// where it is not named the account's own answers decide: reading its numbers and subscribing to it need it.
const MANAGEMENT: &str = "whatsapp_business_management";

/// How often the token of a spent code is written until it is given up.
const TRIES: usize = 3;

/// A token with all that Meta says of it.
pub(super) struct Proved {
    pub(super) token: SecretString,
    pub(super) facts: TokenFacts,
    pub(super) numbers: Vec<AccountNumber>,
}

/// The token that a code is traded for, or the one that was kept for the account.
pub(super) async fn kept(
    ports: &SignupPorts,
    org: &OrgId,
    waba: &WabaId,
    code: Option<SecretString>,
    now: Timestamp,
) -> Result<SecretString, AppError> {
    let (vault, store, grant) = (&ports.senders.vault, &ports.senders.waker.store, GrantRef::of_account(waba));
    let Some(code) = code else {
        return match store.signup_token(org, waba, now).await? {
            Some(sealed) => Ok(vault.unseal(Bound::before(org, &grant), &sealed, now).await?.access),
            None => match vault.fresh_access_token(org, &grant, now).await {
                Err(AppError::ReauthRequired) => {
                    Err(AppError::invalid("code", "no sign-up of this account is kept; begin it again"))
                }
                token => token,
            },
        };
    };
    vault.be_ready_to_seal(org, now).await?;
    let token = ports.signup.exchange(&code).await.map_err(|error| match error {
        CodeError::Refused => AppError::invalid(
            "code",
            "Meta does not accept this code, which is good once and for 30 seconds; begin the sign-up again",
        ),
        CodeError::Rejected(code) => AppError::Rejected(format!("Meta code {code}")),
        CodeError::Unavailable(_) => AppError::Unavailable(Box::new(error)),
    })?;
    // The code is spent, so a platform that stumbles is tried again at once.
    let mut failed = None;
    for _ in 0..TRIES {
        let kept = async {
            let sealed = vault.seal(Bound::before(org, &grant), &TokenSet::lasting(token.clone()), now).await?;
            store.keep_signup_token(org, waba, sealed, now).await
        };
        match kept.await {
            Ok(()) => return Ok(token),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or(AppError::Internal("a token was never kept".to_owned())))
}

/// Proves that a token is ours, opens the account, and may do what is needed; one that does not is forgotten.
pub(super) async fn prove(
    ports: &SignupPorts,
    org: &OrgId,
    waba: &WabaId,
    token: SecretString,
    now: Timestamp,
) -> Result<Proved, AppError> {
    match look(ports, waba, token, now).await {
        Err(error @ AppError::Invalid { .. }) => {
            ports.senders.waker.store.delete_signup_token(org, waba).await?;
            Err(error)
        }
        proved => proved,
    }
}

async fn look(ports: &SignupPorts, waba: &WabaId, token: SecretString, now: Timestamp) -> Result<Proved, AppError> {
    let facts = ports.signup.inspect(&token).await.map_err(failure)?;
    let has_ended = facts.access_ends_at().is_some_and(|end| end <= now);
    if !facts.is_valid || !facts.is_ours || has_ended {
        return Err(AppError::invalid("code", "Meta does not accept the token of this sign-up; begin it again"));
    }
    let not_granted = || {
        let message = "the sign-up did not grant all that is needed; begin it again and leave its permissions on";
        AppError::invalid("code", message)
    };
    if !facts.scopes.contains(MESSAGING) {
        return Err(not_granted());
    }
    if facts.accounts.as_ref().is_some_and(|accounts| !accounts.contains(waba)) {
        return Err(AppError::invalid("waba_id", "the sign-up did not share this WhatsApp account"));
    }
    // Where Meta leaves the accounts out, this call alone proves it.
    let numbers = ports.signup.numbers(waba, &token).await.map_err(|error| match error {
        AccountError::Refused | AccountError::Unknown if !facts.scopes.contains(MANAGEMENT) => not_granted(),
        AccountError::Refused => failure(AccountError::Unknown),
        error @ (AccountError::Unknown | AccountError::Rejected(_) | AccountError::Unavailable(_)) => failure(error),
    })?;
    Ok(Proved { token, facts, numbers })
}

/// Keeps a proved token with the account, where whoever sends finds it.
pub(super) async fn keep(
    ports: &SignupPorts,
    org: &OrgId,
    waba: &WabaId,
    (token, facts): (&SecretString, &TokenFacts),
    now: Timestamp,
) -> Result<(), AppError> {
    let tokens = TokenSet {
        access: token.clone(),
        access_expires_at: facts.ends_at,
        refresh: None,
        scope: facts.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        // Meta renews neither: the sooner end is the end.
        consent_ends_at: facts.access_ends_at(),
    };
    ports.senders.vault.keep(org, &GrantRef::of_account(waba), &tokens, now).await?;
    ports.senders.waker.store.delete_signup_token(org, waba).await
}
