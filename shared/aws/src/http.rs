//! The way to AWS: the HTTP client that providers are called with, behind the SDK's interface.

use std::{error::Error, time::Duration};

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
};
use reqwest::{Client, Request, redirect, retry};

/// Longest wait for a connection; the endpoints are in the same region.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an unused connection is kept.
///
/// A frozen function does not see its peer hang up; writing to such a connection loses the answer.
const KEEP_IDLE: Duration = Duration::from_secs(15);

/// Builds the client that all services share; attempts and their time are the SDK's.
pub(crate) fn client() -> Result<SharedHttpClient, Box<dyn Error + Send + Sync>> {
    let connector = SharedHttpConnector::new(Connector(plain()?));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

/// The same without the SDK's interface, for calls that are signed addresses.
pub(crate) fn plain() -> Result<Client, Box<dyn Error + Send + Sync>> {
    let client = Client::builder()
        .tls_backend_preconfigured(numo_tls::client_config()?)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(KEEP_IDLE)
        .build()?;
    Ok(client)
}

#[derive(Debug)]
struct Connector(Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let answer = client.execute(sendable(request)?).await.map_err(failed)?;
            received(answer).await
        })
    }
}

fn sendable(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    // Nothing is streamed to AWS: a call's body is a JSON text in memory.
    let Some(body) = body.bytes().map(<[u8]>::to_vec) else {
        return Err(ConnectorError::user(BoxError::from("a body that is not in memory")));
    };
    Request::try_from(http::Request::from_parts(head, body)).map_err(|error| ConnectorError::user(error.into()))
}

async fn received(answer: reqwest::Response) -> Result<HttpResponse, ConnectorError> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = http::Response::new(answer.bytes().await.map_err(failed)?.into());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

/// What the SDK is told, which decides whether a call is tried again.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

    use super::*;
    use crate::canned::{Answer, Canned};

    async fn call(request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        Connector(Client::builder().no_proxy().build().unwrap()).call(request).await
    }

    fn request(address: &str) -> HttpRequest {
        let mut request = HttpRequest::new("{}".into());
        request.set_uri(address).unwrap();
        request.set_method("POST").unwrap();
        request.headers_mut().insert("content-length", "2");
        request
    }

    #[tokio::test]
    async fn an_answer_keeps_its_status_its_headers_and_its_body() {
        let server = Canned::start(vec![Answer { status: 418, body: "short and stout".to_owned() }]);
        let answer = call(request(&server.address())).await.unwrap();
        assert_eq!(answer.status().as_u16(), 418);
        assert_eq!(answer.headers().get("content-length"), Some("15"));
        assert_eq!(answer.body().bytes(), Some(b"short and stout".as_slice()));
        assert_eq!(server.bodies(), ["{}"]);
    }

    #[tokio::test]
    async fn a_lost_answer_and_a_server_that_is_not_there_are_failures_of_the_connection() {
        let lost = Canned::start(vec![Answer::lost()]);
        assert!(call(request(&lost.address())).await.unwrap_err().is_io());
        // Nobody listens on the port of a listener that is gone.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(call(request(&format!("http://{gone}"))).await.unwrap_err().is_io());
    }

    #[tokio::test]
    async fn a_body_that_is_not_in_memory_is_refused_before_anything_is_sent() {
        let server = Canned::start(vec![Answer::ok("{}")]);
        let mut request = request(&server.address());
        drop(request.take_body());
        assert!(call(request).await.unwrap_err().is_user());
        assert_eq!(server.bodies(), Vec::<String>::new());
    }
}
