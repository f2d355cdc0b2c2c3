//! Emptying an organisation's partitions, transaction by transaction.
//!
//! What is there goes, and what was deleted is counted in the very transaction that deletes it: whoever dies goes on with
//! what is left, and counts nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use numo_domain::{connection::Connection, id::OrgId, sender::Sender, whatsapp_account::WhatsappAccount};
use serde_json::Value;

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    number_key::NumberKeys,
    port::{
        clock::Ids,
        table::{Cursor, Item, Key, Order, Query, Range, Source, Write, Written},
    },
    store::{
        Entity, RACES, Store, Stored, decode,
        erasure::organisation::{OrganisationErasure, erasure_item},
        invoice::KnownInvoice,
        keys, lost_races,
        meta_user::SignupLink,
        seat::SeatLink,
        signup::{KeptPin, SignupToken},
    },
};

/// Items read at a time: with what they lead to they fill a transaction.
const PAGE: usize = 99;

/// Deletions of one transaction, beside the erasure's own item.
const TOGETHER: usize = 99;

impl Store {
    /// Deletes the first items of a partition that are not spared, and what they lead to outside of it; false if there
    /// are none.
    pub(crate) async fn erase_some(
        &self,
        number_keys: &NumberKeys,
        erasure: &mut Stored<OrganisationErasure>,
        (partition, spared): (&str, &[Key]),
        (ids, now): (&dyn Ids, Timestamp),
    ) -> Result<bool, AppError> {
        for _ in 0..RACES {
            let found = self.first_items(partition, spared).await?;
            if found.is_empty() {
                return Ok(false);
            }
            let led_to = self.led_to(number_keys, &erasure.value.org, &found).await?;
            let (mut next, mut deletions) = (erasure.value.clone(), BTreeMap::new());
            for item in found {
                let beside: Vec<&Item> =
                    led_to.iter().filter(|(from, _)| *from == item.key).map(|(_, to)| to).collect();
                if deletions.len() + beside.len() >= TOGETHER {
                    break;
                }
                for gone in beside.into_iter().chain([&item]) {
                    if deletions.insert(gone.key.clone(), gone.rev).is_none() {
                        *next.counts.entry(gone.entity.clone()).or_default() += 1;
                    }
                }
            }
            let mut writes = vec![Write::Replace(erasure_item(erasure, &next, now)?)];
            writes.extend(deletions.into_iter().map(|(key, rev)| Write::Delete { key, rev }));
            if self.transact(&ids.uuid().to_string(), writes).await? == Written::Done {
                *erasure = Stored { value: next, rev: erasure.rev + 1, updated_at: now, ..erasure.clone() };
                return Ok(true);
            }
            // Somebody wrote one of them meanwhile, or works on the same erasure.
            let latest = self.organisation_erasure(&erasure.value.org).await?;
            if latest.is_none_or(|latest| latest.rev != erasure.rev) {
                return Err(lost_races());
            }
        }
        Err(lost_races())
    }

    async fn first_items(&self, partition: &str, spared: &[Key]) -> Result<Vec<Item>, AppError> {
        let mut after: Option<Cursor> = None;
        loop {
            let query = Query {
                source: Source::Table(partition.to_owned()),
                range: Range::Prefix(String::new()),
                limit: PAGE,
                after,
                order: Order::Ascending,
            };
            let page = self.query(&query).await?;
            let items: Vec<Item> = page.items.into_iter().filter(|item| !spared.contains(&item.key)).collect();
            match page.next {
                Some(next) if items.is_empty() => after = Some(next),
                Some(_) | None => return Ok(items),
            }
        }
    }

    /// What items lead to outside the organisation's partitions, each with the key that leads to it.
    async fn led_to(
        &self,
        number_keys: &NumberKeys,
        org: &OrgId,
        items: &[Item],
    ) -> Result<Vec<(Key, Item)>, AppError> {
        let mut leads: Vec<(Key, Key)> = Vec::new();
        for item in items {
            leads.extend(leads_of(number_keys, org, item)?.into_iter().map(|to| (to, item.key.clone())));
        }
        let wanted: Vec<Key> = leads.iter().map(|(to, _)| to.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeMap::new();
        for hundred in wanted.chunks(100) {
            // One that is another organisation's by now stays theirs.
            let items = self.table.get_many(hundred).await?;
            let ours =
                items.into_iter().filter(|item| item.body.get("org").and_then(Value::as_str) == Some(org.as_str()));
            found.extend(ours.map(|item| (item.key.clone(), item)));
        }
        Ok(leads.into_iter().filter_map(|(to, from)| found.get(&to).map(|item| (from, item.clone()))).collect())
    }

    /// Deletes the organisation's due work but one item of it: nothing that waits begins any more.
    pub(crate) async fn stop_work(&self, org: &OrgId, spared: &Key) -> Result<bool, AppError> {
        let waiting = self.items_where(org, keys::own::DUE_ITEMS, |item| item.key != *spared).await?;
        self.delete_seen(waiting).await
    }

    /// Deletes the key that opens the organisation's tokens: no copy of one can be read any more, in no backup that the
    /// key is not in.
    pub(crate) async fn delete_data_key(&self, org: &OrgId) -> Result<bool, AppError> {
        self.delete_at(&keys::vault::data_key(org)).await
    }

    /// Whether anything at all is kept of an organisation.
    pub(crate) async fn is_known(&self, org: &OrgId) -> Result<bool, AppError> {
        Ok(!self.first_items(&keys::org_partition(org), &[]).await?.is_empty())
    }
}

/// Keys outside the organisation's partitions that nobody would find without this item.
fn leads_of(number_keys: &NumberKeys, org: &OrgId, item: &Item) -> Result<Vec<Key>, AppError> {
    let leads = match item.entity.as_str() {
        KnownInvoice::ENTITY => match read::<KnownInvoice>(item).map(|known| known.invoice) {
            Some(invoice) => {
                let token = number_keys.pay_token(org, invoice.contact.connection, &invoice.id)?;
                vec![keys::pay_target(&sha256_hex(token.as_str()))]
            }
            None => Vec::new(),
        },
        Connection::ENTITY => read::<Connection>(item)
            .map(|connection| vec![keys::ledger_route(connection.provider, &connection.tenant)])
            .unwrap_or_default(),
        Sender::ENTITY => read::<Sender>(item)
            .map(|sender| vec![keys::phone_route(&sender.phone_number_id), keys::waba_route(&sender.waba)])
            .unwrap_or_default(),
        WhatsappAccount::ENTITY => {
            read::<WhatsappAccount>(item).map(|account| vec![keys::waba_route(&account.waba)]).unwrap_or_default()
        }
        SignupLink::ENTITY => read::<SignupLink>(item)
            .map(|link| vec![keys::forget::signup_of(&link.user, org, &link.waba)])
            .unwrap_or_default(),
        SeatLink::ENTITY => {
            read::<SeatLink>(item).map(|link| vec![keys::clerk::seat(&link.user, org)]).unwrap_or_default()
        }
        SignupToken::ENTITY | KeptPin::ENTITY => keys::whatsapp::route_of_secret(&item.key.sk).into_iter().collect(),
        _ => Vec::new(),
    };
    Ok(leads)
}

/// What an item says; one that this version cannot read goes all the same.
fn read<T: Entity>(item: &Item) -> Option<T> {
    let read = decode::<T>(item.clone());
    if read.is_err() {
        tracing::warn!(entity = T::ENTITY, "an item is erased that cannot be read, and with it what leads elsewhere");
    }
    read.ok().map(|stored| stored.value)
}
