//! Connecting a WhatsApp account through Meta's Embedded Signup.
//!
//! The code lives 30 seconds and is good once, so its token is kept before anything else may fail: whatever happens
//! afterwards, the sign-up goes on without a new code. What the browser says of accounts and numbers are claims.

mod register;
mod token;

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, OrgId, PhoneNumberId, UserId, WabaId},
    phone::PhoneNumber,
    registration_pin::RegistrationPin,
    sender::{Sender, SenderStatus},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    add_sender::{SenderPorts, new_sender},
    check_account::resume,
    configure::attest_consent,
    connect_whatsapp::register::register,
    error::AppError,
    forget_meta_user::remember_signup,
    job::{Cause, Work},
    number_key::NumberKeys,
    port::{
        signup::{AccountNumber, Registration, RegistrationTrouble, WhatsappSignup},
        whatsapp::{AccountError, SenderAccess},
    },
    store::{
        activity::{Activity, Actor},
        route::Route,
        task::TaskAbout,
    },
};

/// What a sign-up needs.
#[derive(Clone)]
pub struct SignupPorts {
    /// Table, queue, vault and Meta's account calls.
    pub senders: SenderPorts,
    /// Meta's calls that only our own app may make.
    pub signup: Arc<dyn WhatsappSignup>,
    /// Keys of whoever connects an account.
    pub number_keys: NumberKeys,
}

impl fmt::Debug for SignupPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignupPorts")
    }
}

/// What a browser brings back from Meta's window, and what the admin entered beside it.
#[derive(Debug)]
pub struct SignupEntry {
    /// How the window ended.
    pub ending: SignupEnding,
    /// The account that was shared.
    pub waba: WabaId,
    /// The number that was chosen in the window.
    pub named: Option<PhoneNumberId>,
    /// Numbers that the admin picks among those of the account; none for what the window says.
    pub picked: BTreeSet<PhoneNumberId>,
    /// The code; none to go on with a sign-up whose token is kept.
    pub code: Option<SecretString>,
    /// The PIN of a number whose owner set one.
    pub pin: Option<RegistrationPin>,
    /// The statement that customers may be written to; needed once per text.
    pub attestation: Option<GivenAttestation>,
}

/// How Meta's window ended, if it was not cancelled (Meta: Embedded Signup, session logging).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupEnding {
    /// With a number.
    Finished,
    /// With an account that has no number yet.
    WithoutNumber,
    /// With a number that stays in use in the WhatsApp Business app.
    OnPhoneApp,
}

/// A statement that an admin gives with a sign-up.
#[derive(Debug)]
pub struct GivenAttestation {
    /// Which text.
    pub version: u16,
    /// Who authorised a bookkeeper to state it; empty for the business itself.
    pub authorised_by: String,
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUp {
    /// Meta's id of it.
    pub waba: WabaId,
    /// From when on it has to be connected again; none where Meta sets no end.
    pub access_ends_at: Option<Timestamp>,
    /// Its numbers; an account may have none yet.
    pub numbers: Vec<SignedUpNumber>,
}

/// A number of a connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUpNumber {
    /// Meta's id of it.
    pub phone_number_id: PhoneNumberId,
    /// The number that customers see.
    pub number: PhoneNumber,
    /// The name that WhatsApp verified.
    pub verified_name: String,
    /// What became of it.
    pub outcome: NumberOutcome,
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberOutcome {
    /// Reminders go out from it.
    Connected,
    /// It is connected, and WhatsApp does not let it send yet.
    Blocked,
    /// It was not chosen.
    NotChosen,
    /// WhatsApp did not register it; the token is kept.
    Refused {
        /// Why.
        trouble: RegistrationTrouble,
        /// Not before this; none where nothing but time would help, or no time is known.
        again_at: Option<Timestamp>,
    },
    /// WhatsApp was asked to register it and has not answered yet, here or in another window.
    Underway {
        /// When to ask again.
        again_at: Timestamp,
    },
}

/// Connects the account that a business shared with us in Meta's window, and its numbers.
pub async fn connect_whatsapp(
    ports: &SignupPorts,
    org: &OrgId,
    by: &UserId,
    mut entry: SignupEntry,
    now: Timestamp,
) -> Result<SignedUp, AppError> {
    let waker = &ports.senders.waker;
    let (store, waba) = (&waker.store, entry.waba.clone());
    let claimed = entry.picked.iter().chain(&entry.named);
    if store.is_anothers(org, &waba, claimed).await? {
        return Err(ANOTHERS);
    }
    attest(ports, org, by, entry.attestation.take(), now).await?;
    let token = token::kept(ports, org, &waba, entry.code.take(), now).await?;
    let proved = token::prove(ports, org, &waba, token, now).await?;
    let (wanted, others) = choose(&entry, proved.numbers)?;
    claim(ports, org, &waba, &wanted, now).await?;
    // Before the token is of use: whoever gave it can always take it back.
    if let Some(user) = &proved.facts.user {
        remember_signup(store, &ports.number_keys, (org, &waba), user, now).await?;
    }
    token::keep(ports, org, &waba, (&proved.token, &proved.facts), now).await?;
    store.save_whatsapp_account(org, &waba, now).await?;
    // Marked before the rest is done: a sign-up that dies in between is looked at all the same.
    let check = Work::CheckAccount { waba: waba.clone() };
    store.mark_due_after_claim(org, &check, now, now).await?;
    ports.senders.account.subscribe(&waba, &proved.token).await.map_err(failure)?;
    let mut numbers = Vec::with_capacity(wanted.len() + others.len());
    for number in wanted {
        let access = SenderAccess { phone_number_id: number.phone_number_id.clone(), token: proved.token.clone() };
        let outcome = match register(ports, org, (&access, number.registration), entry.pin.as_ref(), now).await? {
            Ok(()) => connect(ports, org, (&waba, &access), &number, now).await?,
            Err(outcome) => outcome,
        };
        numbers.push(told(number, outcome));
    }
    numbers.extend(others.into_iter().map(|number| told(number, NumberOutcome::NotChosen)));
    for settled in [TaskAbout::ReconnectWhatsapp(waba.clone()), TaskAbout::WhatsappAccessEnds(waba.clone())] {
        store.close_task(org, &settled).await?;
    }
    let detail = json!({"waba": waba, "numbers": numbers.len()});
    let activity =
        Activity { at: now, actor: Actor::User(by.clone()), action: "whatsapp.connected".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    // It is due already; whoever has it in hand is left alone.
    let claimed = store.claim_work(org, &check, now).await?;
    waker.send_claimed(org, claimed, Cause::Person, now).await?;
    Ok(SignedUp { waba, access_ends_at: proved.facts.access_ends_at(), numbers })
}

const ANOTHERS: AppError = AppError::Conflict("this WhatsApp account is connected to another organisation");

/// Takes the statement down, if its text is not stated yet; without it nothing is connected.
async fn attest(
    ports: &SignupPorts,
    org: &OrgId,
    by: &UserId,
    given: Option<GivenAttestation>,
    now: Timestamp,
) -> Result<(), AppError> {
    let waker = &ports.senders.waker;
    match given {
        Some(GivenAttestation { version, authorised_by }) => {
            match attest_consent(waker, org, by, version, authorised_by, now).await {
                Ok(_) => Ok(()),
                Err(AppError::Invalid { field: "version", message }) => {
                    Err(AppError::Invalid { field: "attestation.version", message })
                }
                Err(error) => Err(error),
            }
        }
        None if waker.store.organisation(org).await?.is_attested() => Ok(()),
        None => Err(AppError::invalid(
            "attestation",
            "confirm that your customers may be written to, that you are not a collection agency, and that you have \
             not bought these debts",
        )),
    }
}

/// The numbers that are to be connected, and the others of the account.
fn choose(
    entry: &SignupEntry,
    numbers: Vec<AccountNumber>,
) -> Result<(Vec<AccountNumber>, Vec<AccountNumber>), AppError> {
    let named: BTreeSet<&PhoneNumberId> = match (entry.picked.is_empty(), &entry.named) {
        (false, _) => entry.picked.iter().collect(),
        (true, Some(named)) => BTreeSet::from([named]),
        (true, None) => BTreeSet::new(),
    };
    if named.iter().any(|named| !numbers.iter().any(|number| number.phone_number_id == **named)) {
        let field = if entry.picked.is_empty() { "phone_number_id" } else { "phone_number_ids" };
        return Err(AppError::invalid(field, "this number does not belong to the WhatsApp account"));
    }
    let is_wanted = |number: &AccountNumber| match (named.is_empty(), entry.ending) {
        (false, _) => named.contains(&number.phone_number_id),
        // The account may have other numbers, which nobody spoke of.
        (true, SignupEnding::OnPhoneApp) => number.registration == Registration::OnPhoneApp,
        (true, SignupEnding::Finished | SignupEnding::WithoutNumber) => true,
    };
    Ok(numbers.into_iter().partition(is_wanted))
}

/// Takes account and numbers for the organisation; another one's are refused.
async fn claim(
    ports: &SignupPorts,
    org: &OrgId,
    waba: &WabaId,
    wanted: &[AccountNumber],
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &ports.senders.waker.store;
    if store.is_anothers(org, waba, wanted.iter().map(|number| &number.phone_number_id)).await? {
        store.delete_signup_token(org, waba).await?;
        return Err(ANOTHERS);
    }
    let route = Route { org: org.clone(), connection: None };
    let mut owners = vec![store.claim_waba(waba, &route, now).await?];
    for number in wanted {
        owners.push(store.claim_phone(&number.phone_number_id, &route, now).await?);
    }
    if owners.iter().all(|owner| owner.org == *org) { Ok(()) } else { Err(ANOTHERS) }
}

/// Makes a registered number a sender; one that was a sender before stays the same one.
async fn connect(
    ports: &SignupPorts,
    org: &OrgId,
    (waba, access): (&WabaId, &SenderAccess),
    number: &AccountNumber,
    now: Timestamp,
) -> Result<NumberOutcome, AppError> {
    let (store, phone) = (&ports.senders.waker.store, &access.phone_number_id);
    let info = match number.registration {
        Registration::Done | Registration::OnPhoneApp => number.info.clone(),
        // It can send since a moment ago; where Meta cannot be asked, the look that follows finds it out.
        Registration::Open => ports.senders.account.number(access).await.unwrap_or_else(|_| number.info.clone()),
    };
    let known = store.senders(org).await?.into_iter().find(|known| known.phone_number_id == *phone);
    let heard_up_to = known.and_then(|known| known.heard_up_to);
    let sender = Sender { heard_up_to, ..new_sender(waba.clone(), phone.clone(), info, now) };
    store.save_sender(org, &sender, now).await?;
    let task = TaskAbout::SenderBlocked(phone.clone());
    match sender.status {
        SenderStatus::Ready => {
            store.close_task(org, &task).await?;
            resume(store, org, now).await?;
            Ok(NumberOutcome::Connected)
        }
        SenderStatus::Blocked | SenderStatus::ReauthRequired => {
            store.open_task(org, task, now).await?;
            Ok(NumberOutcome::Blocked)
        }
    }
}

/// What a failed call about the account means to whoever signs up.
fn failure(error: AccountError) -> AppError {
    match error {
        AccountError::Refused => {
            AppError::invalid("code", "Meta does not accept the token of this sign-up; begin it again")
        }
        AccountError::Unknown => AppError::invalid("waba_id", "the sign-up did not share this WhatsApp account"),
        AccountError::Rejected(code) => AppError::Rejected(format!("Meta code {code}")),
        AccountError::Unavailable(_) => AppError::Unavailable(Box::new(error)),
    }
}

fn told(number: AccountNumber, outcome: NumberOutcome) -> SignedUpNumber {
    let AccountNumber { phone_number_id, info, .. } = number;
    SignedUpNumber { phone_number_id, number: info.number, verified_name: info.verified_name, outcome }
}
