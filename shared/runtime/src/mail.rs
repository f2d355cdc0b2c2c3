//! What mails people, if the stage is set up for it.

use std::sync::Arc;

use numo_app::{error::AppError, mail_owner::Mailer, port::people::People};
use numo_aws::secrets::Secrets;

use crate::{config::MailConfig, platform::Platform, secrets::number_keys};

/// Opens it; none, with a line in the log, where there is no address to send from or no key for Clerk's Backend API.
pub fn mailer(
    platform: &Platform,
    config: Option<MailConfig>,
    (secrets, people): (&Secrets, Arc<dyn People>),
) -> Result<Option<Mailer>, AppError> {
    let Some(MailConfig { from, public_url }) = config else {
        tracing::info!("nobody is mailed: NUMO_MAIL_FROM is empty");
        return Ok(None);
    };
    if secrets.clerk_secret_key.is_none() {
        tracing::warn!("nobody is mailed: the secrets have no clerk_secret_key");
        return Ok(None);
    }
    let (mail, keys) = (platform.mail(&from), number_keys(secrets)?);
    Ok(Some(Mailer { mail, people, keys, public_url: public_url.to_string() }))
}
