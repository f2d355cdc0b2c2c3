//! Registering a number for the Cloud API: at most once, with a PIN that is kept before Meta hears it.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::Provider,
    credential::{GrantRef, TokenSet},
    id::{OrgId, PhoneNumberId},
    registration_pin::RegistrationPin,
};

use crate::{
    connect_whatsapp::{NumberOutcome, SignupPorts, failure},
    error::AppError,
    port::{
        signup::{RegisterError, Registration, RegistrationTrouble},
        whatsapp::{AccountError, SenderAccess},
    },
    store::{Stored, signup::KeptPin},
    vault::envelope::{Bound, Sealed},
};

/// While an answer may still be on its way nobody else asks.
const ASKED_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Registers a number that nobody registered yet; one that is registered, here or in the phone app, is left alone.
pub(super) async fn register(
    ports: &SignupPorts,
    org: &OrgId,
    (access, registration): (&SenderAccess, Registration),
    entered: Option<&RegistrationPin>,
    now: Timestamp,
) -> Result<Result<(), NumberOutcome>, AppError> {
    match registration {
        Registration::Done | Registration::OnPhoneApp => return Ok(Ok(())),
        Registration::Open => {}
    }
    let (store, phone) = (&ports.senders.waker.store, &access.phone_number_id);
    let kept = store.registration_pin(org, phone).await?;
    let free_at = kept.as_ref().and_then(|kept| kept.value.asked_at).and_then(|at| at.saturating_add(ASKED_FOR).ok());
    if let Some(again_at) = free_at.filter(|free_at| now < *free_at) {
        return Ok(Err(NumberOutcome::Underway { again_at }));
    }
    let pin = pin(ports, org, phone, (entered, kept.as_ref()), now).await?;
    let asked = KeptPin { sealed: seal(ports, org, phone, &pin, now).await?, asked_at: Some(now) };
    if !store.keep_registration_pin(org, phone, kept.as_ref(), &asked, now).await? {
        return Ok(Err(NumberOutcome::Underway { again_at: later(now, ASKED_FOR) }));
    }
    match ports.signup.register(access, &pin).await {
        Ok(()) => settle(ports, org, phone, now).await.map(Ok),
        // Our own PIN is not the number's: it is forgotten, and a wrong one of a person is not tried again.
        Err(RegisterError::Refused(trouble @ RegistrationTrouble::WrongPin)) => {
            store.delete_registration_pin(org, phone).await?;
            Ok(Err(NumberOutcome::Refused { trouble, again_at: None }))
        }
        Err(RegisterError::Refused(trouble)) => {
            settle(ports, org, phone, now).await?;
            let again_at = wait(trouble).map(|wait| later(now, wait));
            Ok(Err(NumberOutcome::Refused { trouble, again_at }))
        }
        // It may have happened: what Meta says of the number decides, the next time somebody asks.
        Err(RegisterError::Failed(AccountError::Unavailable(_))) => {
            Ok(Err(NumberOutcome::Underway { again_at: later(now, ASKED_FOR) }))
        }
        Err(RegisterError::Failed(error)) => {
            settle(ports, org, phone, now).await?;
            Err(failure(error))
        }
    }
}

/// How long Meta wants to be left alone (Meta: error codes, 133xxx).
const fn wait(trouble: RegistrationTrouble) -> Option<SignedDuration> {
    match trouble {
        RegistrationTrouble::GivenUpLately => Some(SignedDuration::from_mins(5)),
        RegistrationTrouble::TooOften => Some(SignedDuration::from_hours(72)),
        // Meta says how long in a text alone.
        RegistrationTrouble::TooManyPins
        | RegistrationTrouble::PinsTooFast
        | RegistrationTrouble::WrongPin
        | RegistrationTrouble::Unverified => None,
    }
}

/// The PIN that a person entered, the one that was kept, or a new one.
async fn pin(
    ports: &SignupPorts,
    org: &OrgId,
    phone: &PhoneNumberId,
    choice: (Option<&RegistrationPin>, Option<&Stored<KeptPin>>),
    now: Timestamp,
) -> Result<RegistrationPin, AppError> {
    match choice {
        (Some(entered), _) => Ok(entered.clone()),
        (None, Some(kept)) => {
            let tokens =
                ports.senders.vault.unseal(Bound::before(org, &name_of(phone)?), &kept.value.sealed, now).await?;
            RegistrationPin::try_from(&tokens.access).or(Err(AppError::Malformed("a kept PIN".to_owned())))
        }
        (None, None) => Ok(RegistrationPin::random(ports.senders.waker.ids.secret())),
    }
}

async fn seal(
    ports: &SignupPorts,
    org: &OrgId,
    phone: &PhoneNumberId,
    pin: &RegistrationPin,
    now: Timestamp,
) -> Result<Sealed, AppError> {
    let name = name_of(phone)?;
    ports.senders.vault.seal(Bound::before(org, &name), &TokenSet::lasting(pin.secret().clone()), now).await
}

/// The name under which the vault seals the PIN of a number, so that it opens nothing else.
fn name_of(phone: &PhoneNumberId) -> Result<GrantRef, AppError> {
    let holder = format!("pin-{phone}").parse().or(Err(AppError::Internal("a number id is no holder".to_owned())))?;
    Ok(GrantRef { provider: Provider::Whatsapp, holder })
}

/// Notes that Meta's answer is known.
async fn settle(ports: &SignupPorts, org: &OrgId, phone: &PhoneNumberId, now: Timestamp) -> Result<(), AppError> {
    let store = &ports.senders.waker.store;
    let Some(kept) = store.registration_pin(org, phone).await? else { return Ok(()) };
    let known = KeptPin { asked_at: None, ..kept.value.clone() };
    // A lost race means that somebody else asks now.
    store.keep_registration_pin(org, phone, Some(&kept), &known, now).await.map(|_| ())
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}
