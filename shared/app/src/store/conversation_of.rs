//! The conversations of one customer, and what was said in them up to an instant.

use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    conversation::{Conversation, Line},
    id::{NumberKey, OrgId, PhoneNumberId},
};

use crate::{
    error::AppError,
    store::{Store, keys, part::Part},
};

impl Store {
    /// Those of some conversations in which a customer was the last to be spoken for.
    pub async fn conversations_of(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        between: impl IntoIterator<Item = (NumberKey, PhoneNumberId)> + Send,
    ) -> Result<Vec<Conversation>, AppError> {
        let keys: Vec<_> =
            between.into_iter().map(|(number, sender)| keys::conversation(org, &number, &sender)).collect();
        let found = self.read_many::<Conversation>(&keys).await?.into_iter().map(|(_, stored)| stored.value);
        Ok(found.filter(|talk| talk.contacts.contains(contact)).collect())
    }

    /// What was said in a conversation up to an instant, newest first, and whether there is more.
    pub async fn lines_until(
        &self,
        org: &OrgId,
        talk: &Conversation,
        (until, limit): (Option<Timestamp>, usize),
    ) -> Result<(Vec<Line>, bool), AppError> {
        let after = until.map(keys::until);
        let lines = self.lines_part(org, (&talk.number, &talk.sender), &Part { limit, after }).await?;
        Ok((lines.values, lines.next.is_some()))
    }
}
