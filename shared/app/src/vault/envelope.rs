//! Envelope encryption of token sets.
//!
//! Every write gets a new data key from the key service, bound to organisation, grant and
//! purpose; the same context is authenticated by AES-256-GCM. A sealed set that is moved to
//! another organisation or grant cannot be opened, even by who may use the key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::OrgId,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    error::AppError,
    port::key_service::{Context, KeyService, PlainKey},
};

/// A sealed token set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// Format of the plain text and of the cipher.
    pub format: u8,
    /// The key that wrapped the data key.
    pub key_id: String,
    /// The wrapped data key, base64.
    pub wrapped_key: String,
    /// 96 bits, base64.
    pub nonce: String,
    /// Cipher text and tag, base64.
    pub ciphertext: String,
}

/// AES-256-GCM over JSON.
const FORMAT: u8 = 1;

/// The plain text inside the envelope.
#[derive(Serialize, Deserialize)]
struct PlainTokens {
    access: String,
    access_expires_at: Option<Timestamp>,
    refresh: Option<String>,
    scope: String,
    #[serde(default)]
    consent_ends_at: Option<Timestamp>,
}

/// Seals a token set for one organisation and grant.
pub(crate) async fn seal(
    keys: &dyn KeyService,
    org: &OrgId,
    grant: &GrantRef,
    tokens: &TokenSet,
) -> Result<Sealed, AppError> {
    let context = context(org, grant);
    let data_key = keys.generate(&context).await?;
    let plain = PlainTokens {
        access: tokens.access.expose_secret().to_owned(),
        access_expires_at: tokens.access_expires_at,
        refresh: tokens.refresh.as_ref().map(|refresh| refresh.expose_secret().to_owned()),
        scope: tokens.scope.clone(),
        consent_ends_at: tokens.consent_ends_at,
    };
    let mut buffer = Zeroizing::new(serde_json::to_vec(&plain).or(Err(broken("tokens cannot be written")))?);
    let mut nonce = [0_u8; 12];
    aws_lc_rs::rand::fill(&mut nonce).or(Err(broken("no randomness")))?;
    let tag = cipher(&data_key.plain)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), authenticated(&context), &mut buffer)
        .or(Err(broken("sealing failed")))?;
    let ciphertext = [buffer.as_slice(), tag.as_ref()].concat();
    Ok(Sealed {
        format: FORMAT,
        key_id: data_key.key_id,
        wrapped_key: BASE64_STANDARD.encode(&data_key.wrapped),
        nonce: BASE64_STANDARD.encode(nonce),
        ciphertext: BASE64_STANDARD.encode(ciphertext),
    })
}

/// Opens a token set; anything that was changed or moved is refused.
pub(crate) async fn open(
    keys: &dyn KeyService,
    org: &OrgId,
    grant: &GrantRef,
    sealed: &Sealed,
) -> Result<TokenSet, AppError> {
    if sealed.format != FORMAT {
        return Err(AppError::Malformed(format!("grant: unknown format {}", sealed.format)));
    }
    let context = context(org, grant);
    let wrapped = decode(&sealed.wrapped_key)?;
    let nonce: [u8; 12] = decode(&sealed.nonce)?.try_into().or(Err(unreadable()))?;
    let mut buffer = Zeroizing::new(decode(&sealed.ciphertext)?);
    let key = keys.open(&context, &wrapped).await?;
    let plain = cipher(&key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), authenticated(&context), &mut buffer)
        .or(Err(unreadable()))?;
    let tokens: PlainTokens = serde_json::from_slice(plain).or(Err(unreadable()))?;
    Ok(TokenSet {
        access: tokens.access.into(),
        access_expires_at: tokens.access_expires_at,
        refresh: tokens.refresh.map(Into::into),
        scope: tokens.scope,
        consent_ends_at: tokens.consent_ends_at,
    })
}

/// Ids only: the key service writes the context into its log.
fn context(org: &OrgId, grant: &GrantRef) -> Context {
    Context::from([("org", org.to_string()), ("grant", grant.name()), ("purpose", "token".to_owned())])
}

/// The context as authenticated data, each part preceded by its length.
fn authenticated(context: &Context) -> Aad<Vec<u8>> {
    let parts = context.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]);
    Aad::from(parts.flat_map(|part| format!("{}:{part}", part.len()).into_bytes()).collect::<Vec<u8>>())
}

fn cipher(key: &PlainKey) -> Result<LessSafeKey, AppError> {
    let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).or(Err(broken("not a 256-bit key")))?;
    Ok(LessSafeKey::new(key))
}

fn decode(text: &str) -> Result<Vec<u8>, AppError> {
    BASE64_STANDARD.decode(text).or(Err(unreadable()))
}

fn unreadable() -> AppError {
    AppError::Malformed("grant: the sealed tokens cannot be opened".to_owned())
}

fn broken(what: &str) -> AppError {
    AppError::Internal(format!("vault: {what}"))
}
