//! From where the request came that is being answered.

use std::{future::Future, net::IpAddr};

use numo_app::port::caller::Caller;

use crate::http::gateway::{Invocation, Request};

tokio::task_local! {
    static ADDRESS: Option<IpAddr>;
}

/// Knows the address that API Gateway saw, for as long as its request is answered.
#[derive(Debug, Clone, Copy)]
pub struct GatewayCaller;

impl Caller for GatewayCaller {
    fn address(&self) -> Option<IpAddr> {
        ADDRESS.try_with(|address| *address).ok().flatten()
    }
}

/// Answers on behalf of whoever is at an address.
pub(super) async fn for_caller<F: Future>(address: Option<IpAddr>, answer: F) -> F::Output {
    ADDRESS.scope(address, answer).await
}

/// The address that the gateway saw (API Gateway: payload format 2.0, `requestContext.http.sourceIp`).
pub(super) fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Invocation>()?.caller
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::gateway::tests::event;

    #[tokio::test]
    async fn the_caller_is_known_while_their_request_is_answered_and_not_after() {
        let request = event(|_| {}).unwrap();
        let seen = for_caller(address(&request), async { GatewayCaller.address() }).await;
        assert_eq!((seen, GatewayCaller.address()), (Some("192.0.2.1".parse().unwrap()), None));
    }

    #[tokio::test]
    async fn a_request_without_a_gateway_has_no_address() {
        let request = Request::default();
        assert_eq!(for_caller(address(&request), async { GatewayCaller.address() }).await, None);
    }
}
