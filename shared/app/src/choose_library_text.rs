//! An admin chooses a text of Meta's library, which is approved at once, until one of the pack is.
//!
//! Meta is asked at that very moment: what it offers is what was looked at, or nothing is chosen.

use jiff::Timestamp;
use numo_domain::{
    credential::GrantRef,
    id::{ActivityId, OrgId, UserId, WabaId},
    language::Language,
    library::{
        choice::{LibraryChoice, choose},
        entry::LibraryEntry,
        value::LibraryValue,
    },
    template::{AccountTemplate, Purpose, TemplateStatus},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    add_sender::SenderPorts,
    check_account::{class, library::settle_text},
    error::AppError,
    job::Work,
    meta_trouble::look_soon,
    store::{
        Store,
        activity::{Activity, Actor},
        task::TaskAbout,
    },
};

/// For what a text is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account whose customers read it.
    pub waba: WabaId,
    /// What it says.
    pub purpose: Purpose,
    /// In which language.
    pub language: Language,
}

/// The text that somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the library.
    pub name: String,
    /// Meta's code of its language.
    pub locale: String,
    /// All of its words, as they were looked at.
    pub words: String,
    /// What belongs into its parameters, in their order.
    pub values: Vec<LibraryValue>,
}

/// What Meta's library offers for a purpose, in every language.
///
/// # Errors
/// `Invalid` for a purpose that no text of the library may say.
pub async fn offered(
    ports: &SenderPorts,
    org: &OrgId,
    waba: &WabaId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Vec<LibraryEntry>, AppError> {
    if !purpose.is_in_library() {
        let why = numo_domain::library::choice::WhyNot::Purpose;
        return Err(AppError::invalid(why.field(), why.to_string()));
    }
    let token = token_of(ports, org, waba, now).await?;
    ports.account.library().offered(waba, &token, purpose).await.map_err(class)
}

/// Makes a template of a text of the library and has it stand in for the pack; how it stands at first.
///
/// A second try finds what the first one made: the name of the template follows from its words.
///
/// # Errors
/// `Conflict` where Meta words it otherwise by now, `Invalid` with the field that is wrong.
pub async fn choose_library_text(
    ports: &SenderPorts,
    org: &OrgId,
    by: &UserId,
    (place, wanted): (&Place, Wanted),
    now: Timestamp,
) -> Result<(LibraryChoice, AccountTemplate), AppError> {
    let (store, Place { waba, purpose, language }) = (&ports.waker.store, place);
    let token = token_of(ports, org, waba, now).await?;
    let entries = ports.account.library().offered(waba, &token, *purpose).await.map_err(class)?;
    let is_wanted = |entry: &&LibraryEntry| entry.name == wanted.name && entry.language == wanted.locale;
    let entry = entries.iter().find(is_wanted).filter(|entry| entry.words() == wanted.words);
    let text = match entry {
        Some(entry) => choose(entry, *purpose, *language, wanted.values)
            .map_err(|why| AppError::invalid(why.field(), why.to_string()))?,
        None => return Err(AppError::Conflict(CHANGED)),
    };
    if ports.account.library().made_template(waba, &token, &text.template).await.map_err(class)?.is_none() {
        ports.account.library().make_template(waba, &token, &text).await.map_err(class)?;
    }
    let before = store.library_choice(org, waba, *purpose, *language).await?;
    let choice = LibraryChoice { waba: waba.clone(), purpose: *purpose, text, by: by.clone(), at: now };
    // How it stands comes first: a look at the account asks only about templates that it knows.
    let standing = settle_text(ports, org, (waba, &token), &choice.text, now).await?;
    store.save_library_choice(org, &choice, now).await?;
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    if let Some(before) = before {
        forget_unused(store, org, &before).await?;
    }
    if standing.status == TemplateStatus::Pending {
        look_soon(store, org, waba, now).await?;
    }
    let detail = json!({"waba": waba, "purpose": purpose, "language": language, "text": choice.text.library_name});
    record(ports, org, by, ("library_text.chosen", detail), now).await?;
    Ok((choice, standing))
}

const CHANGED: &str = "Meta offers this text no more, or in other words; look at it again";

/// Takes a choice back: nothing is said with the text any more. Its template stays on the account, where it costs nothing.
///
/// # Errors
/// `NotFound` where nothing was chosen.
pub async fn take_back_library_text(
    ports: &SenderPorts,
    org: &OrgId,
    by: &UserId,
    Place { waba, purpose, language }: &Place,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &ports.waker.store;
    let chosen = store.library_choice(org, waba, *purpose, *language).await?;
    let chosen = chosen.ok_or(AppError::NotFound("library text"))?;
    // What follows comes first: a second try finds the choice still there.
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    let detail = json!({"waba": waba, "purpose": purpose, "language": language, "text": chosen.text.library_name});
    record(ports, org, by, ("library_text.taken_back", detail), now).await?;
    store.delete_library_choice(org, waba, *purpose, *language).await?;
    forget_unused(store, org, &chosen).await
}

/// Forgets how the template of a former choice stands, with the owner's tasks about it, unless another choice has it.
async fn forget_unused(store: &Store, org: &OrgId, former: &LibraryChoice) -> Result<(), AppError> {
    let template = &former.text.template;
    let is_it = |choice: &LibraryChoice| choice.waba == former.waba && choice.text.template == *template;
    if store.library_choices(org).await?.iter().any(is_it) {
        return Ok(());
    }
    for task in store.tasks(org).await? {
        if matches!(&task.about, TaskAbout::TextUnusable { waba, template: text, .. } if *waba == former.waba && text == template)
        {
            store.close_task(org, &task.about).await?;
        }
    }
    store.delete_template(org, &former.waba, template).await
}

/// The token of an account of the organisation's own.
async fn token_of(ports: &SenderPorts, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<SecretString, AppError> {
    let store = &ports.waker.store;
    let has_number = store.senders(org).await?.iter().any(|sender| sender.waba == *waba);
    if !has_number && store.whatsapp_account(org, waba).await?.is_none() {
        return Err(AppError::NotFound("WhatsApp account"));
    }
    ports.vault.fresh_access_token(org, &GrantRef::of_account(waba), now).await
}

async fn record(
    ports: &SenderPorts,
    org: &OrgId,
    by: &UserId,
    (action, detail): (&str, serde_json::Value),
    now: Timestamp,
) -> Result<(), AppError> {
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
    ports.waker.store.record(org, ActivityId::new(ports.waker.ids.uuid()), &activity).await
}
