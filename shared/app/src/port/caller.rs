//! From where the present request came.

use std::net::IpAddr;

/// Knows from where the request came that is being answered.
pub trait Caller: Send + Sync {
    /// The address of whoever asks; none outside a request, and where the gateway does not tell.
    fn address(&self) -> Option<IpAddr>;
}

/// Nobody asks: work by a queue, a schedule or at a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Caller for Nobody {
    fn address(&self) -> Option<IpAddr> {
        None
    }
}
