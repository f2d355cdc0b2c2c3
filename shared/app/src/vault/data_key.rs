//! The data key of an organisation: one for all of its grants, so that a run asks the key service once.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;

use crate::{
    error::AppError,
    port::key_service::{Context, PlainKey},
    store::{RACES, Stored, data_key::DataKeyItem, lost_races},
    vault::{Vault, envelope::decode},
};

/// What is sealed later than this is sealed under a new key; what was sealed before stays readable.
const USED_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What the data key of an organisation is bound to: ids only, since the key service logs it.
pub(super) fn context(org: &OrgId) -> Context {
    // Named in full, because the vault key's policy demands all three.
    Context::from([("org", org.to_string()), ("grant", "every".to_owned()), ("purpose", "token".to_owned())])
}

impl Vault {
    /// Makes sure that tokens can be sealed at once, with one write and nothing before it that could fail.
    ///
    /// For what can be had only once, such as the tokens of a code that is spent.
    pub(crate) async fn be_ready_to_seal(&self, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
        self.data_key(org, now).await.map(|_| ())
    }

    /// The key to seal with, made when there is none yet or it was used long enough.
    pub(super) async fn data_key(&self, org: &OrgId, now: Timestamp) -> Result<(DataKeyItem, PlainKey), AppError> {
        if let Some(key) = self.opened.sealing(org, now) {
            return Ok(key);
        }
        for _ in 0..RACES {
            let seen = self.store.data_key(org).await?;
            let key = match seen.as_ref().filter(|known| now.duration_since(known.value.made_at) < USED_FOR) {
                Some(Stored { value: known, .. }) => {
                    let wrapped = decode(&known.wrapped_key)?;
                    Some((known.clone(), self.opened_key(org, (&context(org), wrapped), now).await?))
                }
                None => self.new_key(org, seen.as_ref(), now).await?,
            };
            if let Some(key) = key {
                self.opened.seal_with(org, key.clone(), now);
                return Ok(key);
            }
        }
        Err(lost_races())
    }

    /// A new key; nothing if somebody else made one in this moment.
    async fn new_key(
        &self,
        org: &OrgId,
        seen: Option<&Stored<DataKeyItem>>,
        now: Timestamp,
    ) -> Result<Option<(DataKeyItem, PlainKey)>, AppError> {
        let made = self.keys.generate(&context(org)).await?;
        let wrapped_key = BASE64_STANDARD.encode(&made.wrapped);
        let item = DataKeyItem { key_id: made.key_id, wrapped_key, made_at: now };
        let is_kept = self.store.save_data_key(org, seen, &item, now).await?;
        Ok(is_kept.then(|| {
            self.opened.keep(org, made.wrapped, made.plain.clone(), now);
            (item, made.plain)
        }))
    }

    /// The plain form of a wrapped data key of an organisation.
    pub(super) async fn opened_key(
        &self,
        org: &OrgId,
        (context, wrapped): (&Context, Vec<u8>),
        now: Timestamp,
    ) -> Result<PlainKey, AppError> {
        if let Some(key) = self.opened.get(org, &wrapped, now) {
            return Ok(key);
        }
        let key = self.keys.open(context, &wrapped).await?;
        self.opened.keep(org, wrapped, key.clone(), now);
        Ok(key)
    }
}
