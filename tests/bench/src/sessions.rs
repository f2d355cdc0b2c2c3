//! What it costs to look at a session token with the issuer's keys at hand.

use numo_app::port::{clock::Clock as _, session::Sessions as _};
use numo_e2e::{http::client, simulator};
use numo_providers::{clerk::sessions::ClerkSessions, http};
use numo_runtime::clock::SystemClock;
use serde_json::json;

use crate::{Failure, row::Row, simulator::Simulator, usage};

const ORIGIN: &str = "https://numo.example";

/// Tokens that are looked at; the kernel counts processor time in hundredths of a second.
const TIMES: u64 = 20_000;

pub(crate) async fn measure() -> Result<Row, Failure> {
    let simulator = Simulator::start().await?;
    let tokens = simulator::Simulator::new(client()?, simulator.base_url.clone());
    let token = tokens.session_token("user_owner", ORIGIN, &json!({})).await?;
    let issuer = format!("{}/clerk", simulator.base_url);
    let sessions = ClerkSessions::new(http::client("numo-bench")?, &issuer, vec![ORIGIN.to_owned()])?;
    let now = SystemClock.now();
    sessions.verify(&token, now).await?;
    let before = usage::of_this_process()?.cpu_ms;
    for _ in 0..TIMES {
        sessions.verify(&token, now).await?;
    }
    let used = usage::of_this_process()?.cpu_ms - before;
    Ok(Row::new("token_cpu_us", used * 1_000 / TIMES, "us", 100))
}
