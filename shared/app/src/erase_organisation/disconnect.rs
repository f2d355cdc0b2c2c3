//! Telling the providers that an organisation ends: every link of it, and no link of anybody else.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    credential::GrantRef,
    id::{OrgId, WabaId},
    sender::Sender,
};

use crate::{
    disconnect_ledger::end_link,
    erase_organisation::{run::ErasurePorts, stages::note_untold},
    error::AppError,
    port::whatsapp::AccountError,
    store::{Stored, erasure::organisation::OrganisationErasure},
};

/// Whom to tell again.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Links whose provider did not answer.
    pub pending: BTreeSet<String>,
    /// How long to leave them alone, as far as they say.
    pub patience: Option<SignedDuration>,
}

/// What a provider said to the end of a link.
enum Told {
    /// It is over, or was before.
    Ended,
    /// No, for good: nothing more can be done from here.
    Refused,
    /// Nothing yet.
    NoAnswer(Option<SignedDuration>),
}

impl Left {
    fn wait(&mut self, link: String, patience: Option<SignedDuration>) {
        self.pending.insert(link);
        self.patience = self.patience.max(patience);
    }
}

/// Ends every link that is still there; the tokens of each go as soon as nothing is to be told with them.
pub(super) async fn end_links(
    ports: &ErasurePorts,
    seen: &mut Stored<OrganisationErasure>,
    now: Timestamp,
) -> Result<Left, AppError> {
    let mut left = Left::default();
    end_ledgers(ports, seen, &mut left, now).await?;
    end_accounts(ports, seen, &mut left, now).await?;
    Ok(left)
}

async fn end_ledgers(
    ports: &ErasurePorts,
    seen: &mut Stored<OrganisationErasure>,
    left: &mut Left,
    now: Timestamp,
) -> Result<(), AppError> {
    let (store, org) = (&ports.waker.store, seen.value.org.clone());
    let (mut ended, mut waiting): (Vec<Connection>, BTreeSet<GrantRef>) = (Vec::new(), BTreeSet::new());
    for connection in store.connections(&org).await? {
        let link = format!("{}:{}", connection.provider.as_str(), connection.id);
        match told(end_link(&ports.vault, &org, &connection, now).await)? {
            Told::Ended => ended.push(connection),
            Told::Refused => {
                note_untold(store, seen, BTreeSet::from([link]), now).await?;
                ended.push(connection);
            }
            Told::NoAnswer(patience) => {
                left.wait(link, patience);
                waiting.insert(GrantRef::of(&connection));
            }
        }
    }
    // Several ledgers may be opened by one token set: it goes with the last of them.
    for connection in ended {
        let grant = GrantRef::of(&connection);
        if !waiting.contains(&grant) {
            ports.vault.forget(&org, &grant).await?;
        }
        store.release_tenant(&org, connection.provider, &connection.tenant).await?;
        let end = |connection: &mut Connection| connection.status = ConnectionStatus::Disconnected;
        store.change_connection(&org, connection.id, now, end).await?;
    }
    Ok(())
}

async fn end_accounts(
    ports: &ErasurePorts,
    seen: &mut Stored<OrganisationErasure>,
    left: &mut Left,
    now: Timestamp,
) -> Result<(), AppError> {
    let (store, org) = (&ports.waker.store, seen.value.org.clone());
    let senders = store.senders(&org).await?;
    let accounts = store.whatsapp_accounts(&org).await?;
    let wabas: BTreeSet<WabaId> = accounts
        .into_iter()
        .map(|account| account.waba)
        .chain(senders.iter().map(|sender| sender.waba.clone()))
        .collect();
    for waba in wabas {
        let link = format!("whatsapp:{waba}");
        match tell_meta(ports, &org, &waba, now).await? {
            Told::Ended => {}
            Told::Refused => note_untold(store, seen, BTreeSet::from([link]), now).await?,
            Told::NoAnswer(patience) => {
                left.wait(link, patience);
                continue;
            }
        }
        ports.vault.forget(&org, &GrantRef::of_account(&waba)).await?;
        store.delete_signup_token(&org, &waba).await?;
        store.release_waba(&org, &waba).await?;
        for Sender { phone_number_id, .. } in senders.iter().filter(|sender| sender.waba == waba) {
            store.release_phone(&org, phone_number_id).await?;
        }
    }
    Ok(())
}

async fn tell_meta(ports: &ErasurePorts, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<Told, AppError> {
    let token = match ports.vault.fresh_access_token(org, &GrantRef::of_account(waba), now).await {
        Ok(token) => token,
        Err(error) => return told(Err(error)),
    };
    Ok(match ports.signup.unsubscribe(waba, &token).await {
        // A token that is dead tells nobody anything, and an account that is gone delivers nothing.
        Ok(()) | Err(AccountError::Refused | AccountError::Unknown) => Told::Ended,
        Err(AccountError::Rejected(_)) => Told::Refused,
        Err(AccountError::Unavailable(_)) => Told::NoAnswer(None),
    })
}

/// What the end of a link came to; what is ours to make good comes back.
fn told(answer: Result<(), AppError>) -> Result<Told, AppError> {
    match answer {
        Ok(()) | Err(AppError::ReauthRequired | AppError::NotFound(_)) => Ok(Told::Ended),
        Err(AppError::RateLimited { retry_after }) => Ok(Told::NoAnswer(retry_after)),
        Err(AppError::Unavailable(_)) => Ok(Told::NoAnswer(None)),
        // A token set that nobody can open is of no use to anybody.
        Err(AppError::Rejected(_) | AppError::Malformed(_)) => Ok(Told::Refused),
        Err(
            error @ (AppError::Invalid { .. }
            | AppError::Unauthenticated
            | AppError::Forbidden
            | AppError::Conflict(_)
            | AppError::Stale
            | AppError::NotNow { .. }
            | AppError::AwsUnavailable(_)
            | AppError::Ambiguous
            | AppError::Internal(_)),
        ) => Err(error),
    }
}
