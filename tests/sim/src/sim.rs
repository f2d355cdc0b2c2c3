use std::net::Ipv4Addr;
use std::path::PathBuf;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use jiff::civil::Date;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::{App, Inner};
use crate::error::SimError;
use crate::{calls, clerk, clock, faults, intuit, meta, outbound, xero};

/// A running simulator; it stops when dropped.
#[derive(Debug)]
pub struct Sim {
    /// `http://127.0.0.1:{port}`, without a trailing slash.
    pub base_url: String,
    /// In-process control, beside the `/_control` endpoints.
    pub handle: Handle,
    tasks: Vec<JoinHandle<()>>,
}

/// What a simulator starts from.
#[derive(Debug, Clone)]
pub struct Options {
    /// Loopback port; 0 takes a free one.
    pub port: u16,
    /// Seed of all generated data and identifiers.
    pub seed: u64,
    /// The day the generated ledgers lie around; the present day in Dubai if absent.
    pub today: Option<Date>,
    /// Folder of ledger CSV files served as a third organisation.
    pub ledger: Option<PathBuf>,
    /// Days by which the dates of that ledger are moved, so that an old one can be of the present.
    pub ledger_days: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, seed: 1, today: None, ledger: None, ledger_days: 0 }
    }
}

impl Sim {
    /// Starts all simulated providers on one loopback port.
    pub async fn start(options: Options) -> Result<Self, SimError> {
        let port = options.port;
        let listen = |source| SimError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(listen)?);
        let app = Inner::new(base_url.clone(), &options)?;
        let router = router(app.clone());
        let server = tokio::spawn(async move {
            // An accept loop only ends with the process or with `abort`.
            drop(axum::serve(listener, router).await);
        });
        let courier = tokio::spawn(meta::courier::run(app.clone()));
        let intuit_courier = tokio::spawn(intuit::courier::run(app.clone()));
        Ok(Self { base_url, handle: Handle { app }, tasks: vec![server, courier, intuit_courier] })
    }

    /// Runs until the process is ended.
    pub async fn wait(mut self) {
        for task in self.tasks.drain(..) {
            drop(task.await);
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// In-process control of a running simulator.
#[derive(Clone)]
pub struct Handle {
    app: App,
}

impl Handle {
    /// Stops the simulator's clock, for tests of rates on a machine that may be busy.
    pub fn stop_clock(&self) {
        self.app.clock.stop();
    }

    /// Moves the simulator's clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
    }

    /// The same object as `GET /_control/meta/summary`.
    #[must_use]
    pub fn meta_summary(&self) -> Value {
        meta::control::summary_of(&self.app)
    }

    /// Calls of one provider since the last reset, by method and path template.
    #[must_use]
    pub fn calls(&self, service: &str) -> Value {
        calls::of(&self.app, service)
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("base_url", &self.app.base_url).finish_non_exhaustive()
    }
}

fn router(app: App) -> Router {
    Router::new()
        .merge(xero::routes())
        .merge(intuit::routes())
        .merge(meta::routes())
        .merge(clerk::routes())
        .merge(faults::control::routes())
        .merge(clock::routes())
        .merge(calls::routes())
        .merge(outbound::routes())
        .layer(from_fn_with_state(app.clone(), meta::limits::watch))
        .layer(from_fn_with_state(app.clone(), faults::inject))
        .layer(from_fn_with_state(app.clone(), xero::traffic::watch))
        .layer(from_fn_with_state(app.clone(), intuit::edge::pass))
        .layer(from_fn_with_state(app.clone(), outbound::note))
        .layer(from_fn_with_state(app.clone(), calls::count))
        .layer(from_fn(clerk::cors::allow))
        .with_state(app)
}
