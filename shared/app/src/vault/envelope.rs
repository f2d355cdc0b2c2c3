//! Envelope encryption of token sets.
//!
//! A token set is sealed with AES-256-GCM under the data key of its organisation; what is authenticated besides
//! names organisation, grant and generation. One that is moved to another organisation or grant, or put back in
//! place of a later one, cannot be opened, even by who may use the key.

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
    port::key_service::{Context, PlainKey},
    store::data_key::DataKeyItem,
    vault::data_key,
};

/// A sealed token set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// Format of the plain text and of the cipher.
    pub format: u8,
    /// The key that wrapped the data key.
    pub key_id: String,
    /// The wrapped data key, base64: a newer one of the organisation leaves this set readable.
    pub wrapped_key: String,
    /// 96 bits, base64.
    pub nonce: String,
    /// Cipher text and tag, base64.
    pub ciphertext: String,
}

/// AES-256-GCM over JSON under the organisation's data key.
const FORMAT: u8 = 2;

/// The same under a data key of its own; such sets are read, and sealed anew when they are next written.
const KEY_OF_ITS_OWN: u8 = 1;

/// What a token set is sealed for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound<'a> {
    /// Whose it is.
    pub org: &'a OrgId,
    /// Of which grant.
    pub grant: &'a GrantRef,
    /// Which of its token sets, from 1; 0 before there is a grant.
    pub generation: u64,
}

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

/// Seals a token set under a data key of its organisation.
pub(crate) fn seal(key: (&DataKeyItem, &PlainKey), bound: Bound<'_>, tokens: &TokenSet) -> Result<Sealed, AppError> {
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
    let tag = cipher(key.1)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound.authenticated(FORMAT), &mut buffer)
        .or(Err(broken("sealing failed")))?;
    let ciphertext = [buffer.as_slice(), tag.as_ref()].concat();
    Ok(Sealed {
        format: FORMAT,
        key_id: key.0.key_id.clone(),
        wrapped_key: key.0.wrapped_key.clone(),
        nonce: BASE64_STANDARD.encode(nonce),
        ciphertext: BASE64_STANDARD.encode(ciphertext),
    })
}

/// Opens a token set; anything that was changed or moved is refused.
pub(crate) fn open(key: &PlainKey, bound: Bound<'_>, sealed: &Sealed) -> Result<TokenSet, AppError> {
    let nonce: [u8; 12] = decode(&sealed.nonce)?.try_into().or(Err(unreadable()))?;
    let mut buffer = Zeroizing::new(decode(&sealed.ciphertext)?);
    let plain = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), bound.authenticated(sealed.format), &mut buffer)
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

impl Sealed {
    /// The wrapped data key, and the context that it was wrapped in.
    pub(crate) fn key(&self, bound: Bound<'_>) -> Result<(Context, Vec<u8>), AppError> {
        let context = match self.format {
            FORMAT => data_key::context(bound.org),
            KEY_OF_ITS_OWN => bound.context(),
            unknown => return Err(AppError::Malformed(format!("grant: unknown format {unknown}"))),
        };
        Ok((context, decode(&self.wrapped_key)?))
    }
}

impl<'a> Bound<'a> {
    /// Something that lives for minutes, before there is a grant, or that no grant is made of.
    pub(crate) const fn before(org: &'a OrgId, grant: &'a GrantRef) -> Self {
        Self { org, grant, generation: 0 }
    }

    /// Ids only: the key service writes the context of a key into its log.
    fn context(&self) -> Context {
        Context::from([("org", self.org.to_string()), ("grant", self.grant.name()), ("purpose", "token".to_owned())])
    }

    /// What is authenticated besides the tokens, each part preceded by its length.
    fn authenticated(&self, format: u8) -> Aad<Vec<u8>> {
        let mut context = self.context();
        if format != KEY_OF_ITS_OWN {
            context.insert("generation", self.generation.to_string());
        }
        let parts = context.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]);
        Aad::from(parts.flat_map(|part| format!("{}:{part}", part.len()).into_bytes()).collect::<Vec<u8>>())
    }
}

fn cipher(key: &PlainKey) -> Result<LessSafeKey, AppError> {
    let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).or(Err(broken("not a 256-bit key")))?;
    Ok(LessSafeKey::new(key))
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, AppError> {
    BASE64_STANDARD.decode(text).or(Err(unreadable()))
}

fn unreadable() -> AppError {
    AppError::Malformed("grant: the sealed tokens cannot be opened".to_owned())
}

fn broken(what: &str) -> AppError {
    AppError::Internal(format!("vault: {what}"))
}
