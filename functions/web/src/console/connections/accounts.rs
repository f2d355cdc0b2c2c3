//! The WhatsApp accounts on the page, each with its numbers and what Meta says of them.

use numo_app::{error::AppError, task_words::task_sentence};
use numo_domain::{
    credential::GrantRef,
    id::WabaId,
    meta_code::advice::Advice,
    sender::{Sender, SenderStatus},
    whatsapp_account::{AccountStatus, WhatsappAccount},
};

use crate::{
    console::{
        address,
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::{restriction_words, sender_status},
    },
    state::AppState,
};

/// An account.
pub(super) struct AccountText {
    pub(super) id: String,
    /// Where it is ended.
    pub(super) ends_at: String,
    pub(super) connected_at: Option<LocalTime>,
    pub(super) access_ends_at: Option<LocalTime>,
    pub(super) needs_sign_up: bool,
    pub(super) numbers: Vec<NumberText>,
    /// What a person has to look at.
    pub(super) tasks: Vec<&'static str>,
}

/// A number.
pub(super) struct NumberText {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) is_ready: bool,
    pub(super) advice: Option<Advice>,
    pub(super) restriction: Option<(&'static str, Option<LocalTime>)>,
    pub(super) limit: Option<u32>,
    pub(super) per_second: u32,
    pub(super) is_on_biz_app: bool,
    pub(super) looked_at: Option<LocalTime>,
    /// Where it is ended.
    pub(super) ends_at: String,
}

impl AccountText {
    /// Every account, with or without a number, and those whose numbers were entered by hand.
    pub(super) async fn all(state: &AppState, viewer: &Viewer) -> Result<Vec<Self>, AppError> {
        let (store, org) = (state.store(), &viewer.session.org);
        let (accounts, senders) = (store.whatsapp_accounts(org).await?, store.senders(org).await?);
        let tasks = store.tasks(org).await?;
        let mut ids: Vec<&WabaId> = accounts.iter().map(|account| &account.waba).collect();
        ids.extend(senders.iter().map(|sender| &sender.waba));
        ids.sort();
        ids.dedup();
        let mut texts = Vec::with_capacity(ids.len());
        for id in ids {
            let access_ends_at = state.senders.vault.consent_ends_at(org, &GrantRef::of_account(id)).await?;
            let account = accounts.iter().find(|account| account.waba == *id);
            let numbers = senders.iter().filter(|sender| sender.waba == *id);
            let about = tasks.iter().filter(|task| task.about.account() == Some(id));
            texts.push(Self {
                id: id.to_string(),
                ends_at: address::end_of_account(id),
                connected_at: account.map(|account| viewer.clock.show(account.connected_at)),
                access_ends_at: access_ends_at.map(|at| viewer.clock.show(at)),
                needs_sign_up: account.is_some_and(needs_sign_up),
                numbers: numbers.map(|sender| NumberText::new(sender, &viewer.clock)).collect(),
                tasks: about.map(|task| task_sentence(&task.about)).collect(),
            });
        }
        Ok(texts)
    }
}

fn needs_sign_up(account: &WhatsappAccount) -> bool {
    match account.status {
        AccountStatus::Connected => false,
        AccountStatus::ReauthRequired => true,
    }
}

impl NumberText {
    fn new(sender: &Sender, clock: &WallClock) -> Self {
        Self {
            number: sender.number.as_e164().to_owned(),
            name: sender.verified_name.clone(),
            status: sender_status(sender.status),
            is_ready: sender.status == SenderStatus::Ready,
            advice: Advice::of_sender(sender),
            restriction: sender.restriction.map(|held| {
                let until = held.until.map(|until| clock.show(until));
                (restriction_words(held.kind), until)
            }),
            limit: sender.daily_limit,
            per_second: sender.per_second(),
            is_on_biz_app: sender.is_on_biz_app,
            looked_at: sender.looked_at.map(|at| clock.show(at)),
            ends_at: address::end_of_number(&sender.phone_number_id),
        }
    }
}
