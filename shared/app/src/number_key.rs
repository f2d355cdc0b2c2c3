//! Keyed hashes of recipient numbers: keys of consent, fuse and links without the number itself.

use std::{fmt, str::FromStr};

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    id::{
        ActivityId, AttemptId, ConfirmationCode, ConnectionId, CustomerKey, ExternalId, MessageId, MetaUserId,
        MetaUserKey, NumberKey, OrgId, OrganisationKey, PayToken, UnsubscribeToken, UserId, WhatsappUserId,
    },
    phone::PhoneNumber,
};
use uuid::Builder;
use zeroize::Zeroizing;

use crate::{error::AppError, store::meta_user::ForgetWish};

/// Makes number keys with the stage's pepper, which never rotates.
#[derive(Clone)]
pub struct NumberKeys {
    pepper: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for NumberKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberKeys")
    }
}

impl NumberKeys {
    /// Keys under a pepper of at least 32 bytes.
    pub fn new(pepper: Vec<u8>) -> Result<Self, AppError> {
        let pepper = Zeroizing::new(pepper);
        if pepper.len() < 32 {
            Err(AppError::Internal("the pepper is shorter than 32 bytes".to_owned()))
        } else {
            Ok(Self { pepper })
        }
    }

    /// The key of a number within one organisation; spellings that WhatsApp mixes are one key.
    pub fn key(&self, org: &OrgId, number: &PhoneNumber) -> Result<NumberKey, AppError> {
        self.key_of("number", org, &number.matching_form())
    }

    /// The key of somebody whose number is hidden; no number has it.
    pub fn key_of_user(&self, org: &OrgId, user: &WhatsappUserId) -> Result<NumberKey, AppError> {
        self.key_of("user", org, user.as_str())
    }

    fn key_of(&self, kind: &str, org: &OrgId, whose: &str) -> Result<NumberKey, AppError> {
        let message = format!("{kind}\0{org}\0{whose}");
        hex(&self.mac(message.as_bytes())[..16])
            .parse()
            .or(Err(AppError::Internal("a number key is not an id".to_owned())))
    }

    /// The call to Meta that answers a message: made from it, so that a repeat is the same call.
    pub fn attempt_for(&self, org: &OrgId, message: &MessageId) -> AttemptId {
        let mac = self.mac(format!("answer\0{org}\0{message}").as_bytes());
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&mac[..16]);
        AttemptId::new(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// What opens the pay page of an invoice: the same for every message about it.
    pub fn pay_token(&self, org: &OrgId, connection: ConnectionId, invoice: &ExternalId) -> Result<PayToken, AppError> {
        let mac = self.mac(format!("pay\0{org}\0{connection}\0{invoice}").as_bytes());
        let half = mac.first_chunk::<16>().map_or(mac.as_slice(), |half| half.as_slice());
        hex(half).parse().or(Err(AppError::Internal("a pay token is no id".to_owned())))
    }

    /// What is kept of a customer who was erased.
    pub fn customer(&self, org: &OrgId, contact: &ContactRef) -> Result<CustomerKey, AppError> {
        self.hashed(&format!("customer\0{org}\0{}\0{}", contact.connection, contact.contact))
    }

    /// What stands for an invoice of a customer who was erased.
    pub(crate) fn erased_invoice(
        &self,
        org: &OrgId,
        (connection, invoice): (ConnectionId, &ExternalId),
    ) -> Result<ExternalId, AppError> {
        self.hashed(&format!("erased\0{org}\0{connection}\0{invoice}"))
    }

    /// What proves that somebody has a link by which a person ends their digests.
    pub fn unsubscribe_token(&self, org: &OrgId, user: &UserId) -> Result<UnsubscribeToken, AppError> {
        self.hashed(&format!("unsubscribe\0{org}\0{user}"))
    }

    /// The line of the activity log that a message leaves: made from it, so that a repeat is the same line.
    pub fn activity_for(&self, org: &OrgId, message: &MessageId, at: Timestamp) -> ActivityId {
        let mac = self.mac(format!("activity\0{org}\0{message}").as_bytes());
        let mut random = [0_u8; 10];
        random.copy_from_slice(&mac[..10]);
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or_default();
        ActivityId::new(Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
    }

    /// The key of a Facebook user, under which is kept what they connected.
    pub fn key_of_meta_user(&self, user: &MetaUserId) -> Result<MetaUserKey, AppError> {
        self.hashed(&format!("meta_user\0{user}"))
    }

    /// The code of what a Facebook user asked for: asked again in the same words it is the same.
    pub fn confirmation_code(
        &self,
        user: &MetaUserId,
        wish: ForgetWish,
        asked_at: Timestamp,
    ) -> Result<ConfirmationCode, AppError> {
        let wish = match wish {
            ForgetWish::Deauthorise => "deauthorise",
            ForgetWish::Delete => "delete",
        };
        self.hashed(&format!("forget\0{wish}\0{user}\0{}", asked_at.as_second()))
    }

    /// What a certificate tells of an organisation that was erased.
    pub fn organisation(&self, org: &OrgId) -> Result<OrganisationKey, AppError> {
        self.hashed(&format!("organisation\0{org}"))
    }

    /// The code of the certificate of an organisation's erasure: known as soon as it is asked for.
    pub fn certificate_code(&self, org: &OrgId, asked_at: Timestamp) -> Result<ConfirmationCode, AppError> {
        self.hashed(&format!("certificate\0{org}\0{}", asked_at.as_millisecond()))
    }

    /// The first half of a keyed hash, as an id.
    fn hashed<T: FromStr>(&self, message: &str) -> Result<T, AppError> {
        let mac = self.mac(message.as_bytes());
        let half = mac.first_chunk::<16>().map_or(mac.as_slice(), |half| half.as_slice());
        hex(half).parse().or(Err(AppError::Internal("a keyed hash is no id".to_owned())))
    }

    /// What proves that a place in a list of an organisation was told by us.
    pub fn place_seal(&self, org: &OrgId, list: &str, place: &str) -> String {
        let mac = self.mac(format!("place\0{org}\0{list}\0{place}").as_bytes());
        hex(mac.first_chunk::<16>().map_or(mac.as_slice(), |half| half.as_slice()))
    }

    /// What proves that a form was on a page of ours, made for this person in this organisation.
    pub fn form_seal(&self, org: &OrgId, user: &UserId, nonce: &str) -> String {
        let mac = self.mac(format!("form\0{org}\0{user}\0{nonce}").as_bytes());
        hex(mac.first_chunk::<16>().map_or(mac.as_slice(), |half| half.as_slice()))
    }

    /// The PKCE verifier of a consent state: derived, so that it need not be stored.
    pub fn pkce_verifier(&self, state: &str) -> String {
        hex(&self.mac(format!("pkce\0{state}").as_bytes()))
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        let tag = sign(&Key::new(HMAC_SHA256, &self.pepper), message);
        let mut bytes = [0_u8; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_another_key_in_each_organisation() {
        let keys = NumberKeys::new(vec![7; 32]).unwrap();
        let number: PhoneNumber = "+971501234567".parse().unwrap();
        let [a, b] = ["org_a", "org_b"].map(|org| keys.key(&org.parse().unwrap(), &number).unwrap());
        assert_ne!(a, b);
        assert_eq!(a.as_str().len(), 32);
    }

    #[test]
    fn both_spellings_of_a_brazilian_mobile_have_one_key() {
        let keys = NumberKeys::new(vec![7; 32]).unwrap();
        let org = "org_a".parse().unwrap();
        let [a, b] = ["+5511987654321", "+551187654321"].map(|n| keys.key(&org, &n.parse().unwrap()).unwrap());
        assert_eq!(a, b);
    }

    #[test]
    fn a_short_pepper_is_refused() {
        assert!(NumberKeys::new(vec![7; 31]).is_err());
    }
}
