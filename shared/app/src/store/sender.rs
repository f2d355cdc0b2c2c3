//! WhatsApp numbers and the templates of their accounts.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{OrgId, PhoneNumberId, WabaId},
    reminder::TemplateRef,
    sender::Sender,
    template::AccountTemplate,
};

use crate::{
    error::AppError,
    port::{
        clock::Ids,
        table::{Item, Source, Write, Written},
    },
    store::{Entity, RACES, Replaced, Store, keys, lost_races},
};

impl Entity for Sender {
    const ENTITY: &'static str = "sender";
}

impl Entity for AccountTemplate {
    const ENTITY: &'static str = "template";
}

/// How exactly it is known up to when statuses were heard; finer would be a write per status.
const HEARD_STEP: SignedDuration = SignedDuration::from_mins(5);

impl Store {
    /// All sending numbers of the organisation.
    pub async fn senders(&self, org: &OrgId) -> Result<Vec<Sender>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::SENDERS.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// Stores a number that was just entered or looked at again.
    pub async fn save_sender(&self, org: &OrgId, sender: &Sender, now: Timestamp) -> Result<(), AppError> {
        self.put(keys::sender(org, &sender.phone_number_id), sender, now).await
    }

    /// Changes a sender that exists; an equal value writes nothing.
    pub async fn change_sender(
        &self,
        org: &OrgId,
        sender: &PhoneNumberId,
        now: Timestamp,
        change: impl Fn(&mut Sender) + Send + Sync,
    ) -> Result<(), AppError> {
        let key = keys::sender(org, sender);
        for _ in 0..RACES {
            let Some(seen) = self.read::<Sender>(&key).await? else { return Ok(()) };
            let mut next = seen.value.clone();
            change(&mut next);
            if next == seen.value || self.replace(key.clone(), &seen, &next, now).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Deletes a number together with the line that tells of it; nothing is told where it is gone already.
    pub(crate) async fn delete_sender(
        &self,
        org: &OrgId,
        sender: &PhoneNumberId,
        activity: Item,
        ids: &dyn Ids,
    ) -> Result<(), AppError> {
        let key = keys::sender(org, sender);
        for _ in 0..RACES {
            let Some(seen) = self.read::<Sender>(&key).await? else { return Ok(()) };
            let writes = vec![Write::Delete { key: key.clone(), rev: seen.rev }, Write::Create(activity.clone())];
            match self.transact(&ids.uuid().to_string(), writes).await? {
                Written::Done => return Ok(()),
                Written::Refused(_) => {}
            }
        }
        Err(lost_races())
    }

    /// Notes that a status came for a message claimed at this time.
    pub async fn heard_from(
        &self,
        org: &OrgId,
        sender: &PhoneNumberId,
        claimed_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.change_sender(org, sender, now, |sender| {
            let newer = sender.heard_up_to.is_none_or(|heard| claimed_at.duration_since(heard) >= HEARD_STEP);
            if newer {
                sender.heard_up_to = Some(claimed_at);
            }
        })
        .await
    }

    /// The templates of the organisation's accounts.
    pub async fn templates(&self, org: &OrgId) -> Result<Vec<AccountTemplate>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::TEMPLATES.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// The templates of one account.
    pub async fn templates_of(&self, org: &OrgId, waba: &WabaId) -> Result<Vec<AccountTemplate>, AppError> {
        let stored = self.list(Source::Table(keys::org_partition(org)), keys::templates_of(waba)).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// Forgets a template that nothing is said with any more.
    pub(crate) async fn delete_template(
        &self,
        org: &OrgId,
        waba: &WabaId,
        template: &TemplateRef,
    ) -> Result<(), AppError> {
        self.delete::<AccountTemplate>(keys::template(org, waba, template)).await
    }

    /// Forgets the templates of an account that is gone.
    pub(crate) async fn delete_templates(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        for text in self.templates_of(org, waba).await? {
            self.delete_template(org, waba, &text.template).await?;
        }
        Ok(())
    }

    /// Stores what Meta says of a template.
    pub async fn save_template(
        &self,
        org: &OrgId,
        waba: &WabaId,
        template: &AccountTemplate,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.put(keys::template(org, waba, &template.template), template, now).await
    }
}
