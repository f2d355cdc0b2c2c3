//! Updates whose account and number belong to two organisations: they change nothing for either.
//!
//! Whose they are cannot be told, and to believe one of the two ids would show one business what is another's.

use std::collections::{BTreeMap, BTreeSet};

use numo_domain::id::PhoneNumberId;

use crate::{
    delivery::{Delivery, Update, UpdateKind},
    error::AppError,
    ingest_delivery::IngestPorts,
    store::{route::AccountOwner, webhook_mismatch::WebhookMismatch},
};

/// Whether an update is of two organisations.
pub(super) fn is_mismatch(owner: Option<&AccountOwner>, update: &Update) -> bool {
    let number = update.phone_number_id();
    owner.zip(number).is_some_and(|(owner, number)| owner.other_of(number).is_some())
}

/// Tells of them and notes whose they are, without their content; how many there are.
pub(super) async fn note_mismatches(
    ports: &IngestPorts,
    delivery: &Delivery,
    owner: &AccountOwner,
) -> Result<usize, AppError> {
    let mut kinds: BTreeMap<&PhoneNumberId, BTreeMap<UpdateKind, u64>> = BTreeMap::new();
    for update in delivery.updates.iter().filter(|update| is_mismatch(Some(owner), update)) {
        if let Some(number) = update.phone_number_id() {
            *kinds.entry(number).or_default().entry(update.kind()).or_default() += 1;
        }
    }
    let now = ports.clock.now();
    for (number, kinds) in &kinds {
        let Some(number_of) = owner.other_of(number) else { continue };
        for (kind, count) in kinds {
            tracing::error!(
                metric = "webhook_mismatch",
                count,
                kind = kind.as_str(),
                field = kind.field(),
                "updates of two organisations change nothing"
            );
        }
        let noted = WebhookMismatch {
            waba: delivery.waba.clone(),
            phone_number_id: (*number).clone(),
            account_of: owner.org.clone(),
            number_of: number_of.clone(),
            kinds: kinds.keys().copied().collect::<BTreeSet<_>>(),
            since: now,
            last_at: now,
        };
        ports.store.note_mismatch(&noted, now).await?;
    }
    Ok(delivery.updates.iter().filter(|update| is_mismatch(Some(owner), update)).count())
}
