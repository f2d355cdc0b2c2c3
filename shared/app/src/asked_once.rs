//! Requests that name a key of their caller's: done once, and answered as often as they are sent.
//!
//! Neither the key nor the request is kept, only keyed hashes of them; the answer is sealed under a key that is
//! made of both, so that nobody but who sends the same request again can read it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{OrgId, UserId};
use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

use crate::{
    error::AppError,
    number_key::{NumberKeys, hex},
    store::{Store, Stored, asked_once::Begun},
};

/// A request, by what it is found and compared with.
pub struct Asked<'a> {
    org: &'a OrgId,
    /// Keyed hash of who asks and the key that they chose.
    name: String,
    /// Keyed hash of address and body.
    request: String,
    seal: Zeroizing<[u8; 32]>,
    new_id: Uuid,
}

/// What is to be done about a request.
#[derive(Debug)]
pub enum Once {
    /// It is new: do it, and tell the answer.
    New(Underway),
    /// It was done, and this was answered.
    Done(Vec<u8>),
    /// It is being done.
    Underway,
    /// It was begun and nobody knows whether it was done: whoever did it died, or could not note the answer.
    Unknown,
    /// The key was used for another request.
    Other,
}

/// A request that is being done.
#[derive(Debug)]
pub struct Underway(Stored<Begun>);

/// No request takes as long: the function that does it is stopped before.
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("org", self.org).finish_non_exhaustive()
    }
}

impl<'a> Asked<'a> {
    /// A request of a member to an address, under the key that they chose for it.
    pub fn new(
        keys: &NumberKeys,
        (org, user): (&'a OrgId, &UserId),
        key: &str,
        (address, body): (&str, &[u8]),
    ) -> Self {
        let name = format!("once\0{org}\0{user}\0{key}");
        let said = keys.mac(&[format!("said\0{address}\0{name}\0").as_bytes(), body].concat());
        let of_said = |purpose: &str| keys.mac(&[purpose.as_bytes(), b"\0", &said].concat());
        Self {
            org,
            name: hex(&keys.mac(name.as_bytes())),
            request: hex(&of_said("request")),
            seal: Zeroizing::new(of_said("answer")),
            new_id: uuid_of(&of_said("id")),
        }
    }

    /// The id of what it makes, where we choose it: made anew after a failure, it is the same thing.
    pub const fn new_id(&self) -> Uuid {
        self.new_id
    }

    /// Begins it, unless that was done before.
    pub async fn begin(&self, store: &Store, now: Timestamp) -> Result<Once, AppError> {
        let before = match store.begin_asked(self.org, (&self.name, &self.request), now).await? {
            Ok(begun) => return Ok(Once::New(Underway(begun))),
            Err(before) => before.value,
        };
        Ok(match &before.answer {
            _ if before.request != self.request => Once::Other,
            Some(answer) => Once::Done(self.open(answer)?),
            None if now.duration_since(before.begun_at) < LONGEST => Once::Underway,
            None => Once::Unknown,
        })
    }

    /// Keeps what was answered.
    pub async fn done(&self, store: &Store, begun: Underway, answer: Vec<u8>, now: Timestamp) -> Result<(), AppError> {
        let sealed = self.sealed(answer)?;
        store.keep_answer(self.org, (&self.name, &begun.0), sealed, now).await
    }

    /// Forgets it: it came to nothing, and may be made again.
    pub async fn failed(&self, store: &Store, begun: Underway) -> Result<(), AppError> {
        store.forget_asked(self.org, (&self.name, &begun.0)).await
    }

    fn sealed(&self, mut answer: Vec<u8>) -> Result<String, AppError> {
        let nonce = self.cipher()?.seal_in_place_append_tag(Aad::from(&self.name), &mut answer);
        let nonce = nonce.or(Err(broken("sealing failed")))?;
        Ok(BASE64_STANDARD.encode([nonce.as_ref().as_slice(), &answer].concat()))
    }

    fn open(&self, sealed: &str) -> Result<Vec<u8>, AppError> {
        let unreadable = || AppError::Malformed("request: its sealed answer cannot be opened".to_owned());
        let sealed = BASE64_STANDARD.decode(sealed).or(Err(unreadable()))?;
        let (nonce, answer) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(unreadable)?;
        let (nonce, mut answer) = (Nonce::from(nonce), answer.to_vec());
        let opened = self.cipher()?.open_in_place(nonce, Aad::from(&self.name), &mut answer);
        Ok(opened.or(Err(unreadable()))?.to_vec())
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, AppError> {
        RandomizedNonceKey::new(&AES_256_GCM, self.seal.as_slice()).or(Err(broken("not a 256-bit key")))
    }
}

fn uuid_of(mac: &[u8; 32]) -> Uuid {
    let mut random = [0_u8; 16];
    random.copy_from_slice(&mac[..16]);
    Builder::from_random_bytes(random).into_uuid()
}

fn broken(what: &str) -> AppError {
    AppError::Internal(format!("answers: {what}"))
}
