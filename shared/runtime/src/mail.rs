//! What mails people, if the stage is set up for it.

use std::error::Error;

use numo_app::mail_owner::Mailer;

use crate::{config::MailConfig, outside::Outside, platform::Platform, secrets::number_keys};

/// Opens it; none, with a line in the log, where there is no address to send from or no key for Clerk's Backend API.
pub async fn mailer(
    platform: &Platform,
    config: Option<MailConfig>,
) -> Result<Option<Mailer>, Box<dyn Error + Send + Sync>> {
    let Some(MailConfig { from, clerk_api, public_url, secrets_id }) = config else {
        tracing::info!("nobody is mailed: NUMO_MAIL_FROM is empty");
        return Ok(None);
    };
    let secrets = platform.secrets(&secrets_id).await?;
    let keys = number_keys(&secrets)?;
    let Some(key) = secrets.clerk_secret_key else {
        tracing::warn!("nobody is mailed: the secrets have no clerk_secret_key");
        return Ok(None);
    };
    let (mail, people) = (platform.mail(&from), Outside::open()?.people(clerk_api, Some(key)));
    Ok(Some(Mailer { mail, people, keys, public_url: public_url.to_string() }))
}
