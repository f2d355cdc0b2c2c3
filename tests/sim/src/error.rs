use std::path::PathBuf;

/// Why the simulator could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The loopback port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The HTTP client for webhooks could not be built.
    #[error("cannot build the webhook client")]
    Client(#[from] reqwest::Error),
    /// The signing key could not be made.
    #[error("cannot make a signing key")]
    Key,
    /// A file of the ledger folder is missing or not in the expected form.
    #[error("cannot read the ledger file {path}")]
    Ledger {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: csv::Error,
    },
}
