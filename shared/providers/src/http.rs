//! The one HTTP client: bounded in time and size, without redirects, https only.

pub mod base_url;

pub(crate) mod call;
pub(crate) mod retry_after;

use std::{error::Error, time::Duration};

use reqwest::{Client, redirect, retry};

/// Longest wait for a connection; no provider is that far away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest wait for a whole answer, unless a call says otherwise.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept.
///
/// A frozen function does not see its peer hang up; writing to such a connection loses the answer.
const KEEP_IDLE: Duration = Duration::from_secs(15);

/// Builds the client that all providers share.
///
/// Addresses are held to https, or http on the loopback, by [`base_url::BaseUrl`]; nothing is
/// redirected away from them and no proxy of the environment comes between.
pub fn client(user_agent: &str) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let client = Client::builder()
        .tls_backend_preconfigured(numo_tls::client_config()?)
        .user_agent(user_agent)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .gzip(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(KEEP_IDLE)
        .build()?;
    Ok(client)
}
