//! The send ledger of an erased customer: what messages said goes at once, and of whom they were once they are over.

use std::collections::BTreeMap;

use numo_domain::reminder::{Reminder, ReminderKey};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{
        Replaced, Stored, decode,
        erasure::{
            pass::{Left, Pass},
            words::SENDING,
        },
        keys, new_item, next_item,
        reminder::{ReminderItem, ReminderLink},
    },
};

/// What leads to a reminder: from its attempts, and from their messages.
#[derive(Default)]
struct Links {
    attempts: Vec<(Item, Stored<ReminderLink>)>,
    messages: Vec<Item>,
}

impl Pass<'_> {
    /// Takes the words out of every message, and the customer out of those that are over.
    pub(super) async fn reminders(&self, left: &mut Left) -> Result<(), AppError> {
        let mut links: BTreeMap<ReminderKey, Links> = BTreeMap::new();
        let [attempts, messages] = keys::erasure::REMINDER_LINKS;
        for item in self.naming(attempts).await? {
            let seen: Stored<ReminderLink> = decode(item.clone())?;
            links.entry(seen.value.key.clone()).or_default().attempts.push((item, seen));
        }
        for item in self.naming(messages).await? {
            let key = decode::<ReminderLink>(item.clone())?.value.key;
            links.entry(key).or_default().messages.push(item);
        }
        for item in self.naming(&keys::reminders_of_contact(self.contact)).await? {
            let seen: Stored<ReminderItem> = decode(item)?;
            let links = links.remove(&seen.value.reminder.key).unwrap_or_default();
            if self.is_young(seen.value.reminder.claimed_at) {
                left.is_young = true;
                self.silence_words(links, left).await?;
            } else {
                self.anonymise(&seen, links, left).await?;
            }
        }
        // Attempts whose claim never came about.
        for orphans in links.into_values() {
            let of_now = orphans.attempts.iter().any(|(_, link)| self.is_under_way(link));
            left.is_raced |= of_now;
            if !of_now {
                let attempts = orphans.attempts.into_iter().map(|(item, _)| item);
                left.note(self.store.delete_seen(attempts.chain(orphans.messages).collect()).await?);
            }
        }
        Ok(())
    }

    /// A claim that is taken back deletes its attempt as it was created: it is left alone for as long.
    fn is_under_way(&self, link: &Stored<ReminderLink>) -> bool {
        self.now.duration_since(link.value.claimed_at) < SENDING
    }

    async fn silence_words(&self, links: Links, left: &mut Left) -> Result<(), AppError> {
        for (item, seen) in links.attempts {
            if self.is_under_way(&seen) {
                left.is_raced = true;
                continue;
            }
            let next = without_words(seen.value.clone());
            if next != seen.value {
                let item = next_item(item.key, &seen, &next, self.now)?;
                left.note(self.store.replace_item(item).await? == Replaced::Replaced);
            }
        }
        Ok(())
    }

    /// Moves a reminder to where nothing tells whose it was; it counts on in every sum.
    async fn anonymise(&self, seen: &Stored<ReminderItem>, links: Links, left: &mut Left) -> Result<(), AppError> {
        let before = &seen.value.reminder.key;
        let anchor = self.number_keys.erased_invoice(self.org, (before.contact.connection, &before.anchor))?;
        let Some(key) = before.clone().anonymous(&self.erased.customer, anchor) else {
            return Err(AppError::Internal("a keyed hash is no id".to_owned()));
        };
        let said = seen.value.said.clone().map(|said| said.without_words());
        let reminder = Reminder { key: key.clone(), message: None, listed: Vec::new(), ..seen.value.reminder.clone() };
        let next = new_item(keys::reminder(self.org, &key), &ReminderItem { reminder, said }, self.now)?;
        let mut writes = vec![
            Write::Create(Item { created_at: seen.created_at, ..next }),
            Write::Delete { key: keys::reminder(self.org, before), rev: seen.rev },
        ];
        for (item, link) in links.attempts {
            let moved = ReminderLink { key: key.clone(), ..without_words(link.value.clone()) };
            writes.push(Write::Replace(next_item(item.key, &link, &moved, self.now)?));
        }
        let is_moved = self.store.write_all(writes).await? == Written::Done;
        left.note(is_moved && self.store.delete_seen(links.messages).await?);
        Ok(())
    }
}

fn without_words(link: ReminderLink) -> ReminderLink {
    ReminderLink { said: link.said.map(|said| said.without_words()), ..link }
}
