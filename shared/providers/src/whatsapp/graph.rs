//! Meta's Graph API: addresses, tokens and the one shape of its errors.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::http::{
    CALL_TIMEOUT,
    base_url::BaseUrl,
    call::{Answer, CallError, Operation, call},
};

/// Meta may take its time to accept a message, and a lost answer is dear.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// The Graph API at one version.
#[derive(Debug, Clone)]
pub struct GraphClient {
    http: Client,
    base: BaseUrl,
    version: String,
    public_url: String,
    app_id: String,
    send_timeout: Duration,
    read_timeout: Duration,
}

impl GraphClient {
    /// Calls below `{base}/{version}`, such as `https://graph.facebook.com` and `v25.0`, for the app `app_id`; buttons of
    /// templates open pages below `public_url`, which has no slash at its end.
    pub fn new(http: Client, base: BaseUrl, version: &str, app_id: &str, public_url: &str) -> Self {
        Self {
            http,
            base,
            version: version.to_owned(),
            public_url: public_url.to_owned(),
            app_id: app_id.to_owned(),
            send_timeout: SEND_TIMEOUT,
            read_timeout: CALL_TIMEOUT,
        }
    }

    /// Our app at Meta.
    pub(crate) fn app_id(&self) -> &str {
        &self.app_id
    }

    /// For a call that no other function makes.
    pub(crate) const fn http(&self) -> &Client {
        &self.http
    }

    /// How long Meta may take for a message or a file.
    pub(crate) const fn send_timeout(&self) -> Duration {
        self.send_timeout
    }

    /// The address of an upload session, `upload:…` with a query of its own.
    pub(crate) fn session(&self, id: &str) -> Url {
        let (name, query) = id.split_once('?').map_or((id, None), |(name, query)| (name, Some(query)));
        let mut url = self.base.join(&[&self.version, name]);
        url.set_query(query);
        url
    }

    /// Where browsers reach us.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The same with one timeout for every call, for callers whose time is short.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { send_timeout: timeout, read_timeout: timeout, ..self }
    }

    /// Posts a message, once.
    pub(crate) async fn send(&self, id: &str, token: &SecretString, body: &Value) -> Result<Answer, CallError> {
        let request = self.request(Method::POST, &[id, "messages"], token).json(body).timeout(self.send_timeout);
        call(Operation { provider: "whatsapp", name: "send" }, request).await
    }

    /// Reads an object or a list of it.
    pub(crate) async fn get(
        &self,
        name: &'static str,
        path: &[&str],
        token: &SecretString,
        query: &[(&str, &str)],
    ) -> Result<Answer, CallError> {
        let request = self.request(Method::GET, path, token).query(query).timeout(self.read_timeout);
        call(Operation { provider: "whatsapp", name }, request).await
    }

    /// Posts to a list of an object.
    pub(crate) async fn post(
        &self,
        name: &'static str,
        path: &[&str],
        token: &SecretString,
        body: &Value,
    ) -> Result<Answer, CallError> {
        let request = self.request(Method::POST, path, token).json(body).timeout(self.read_timeout);
        call(Operation { provider: "whatsapp", name }, request).await
    }

    /// Reads what needs no token: the parameters prove who asks.
    pub(crate) async fn ask(
        &self,
        name: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Answer, CallError> {
        let request = self.http.get(self.address(path)).query(query).timeout(self.read_timeout);
        call(Operation { provider: "whatsapp", name }, request).await
    }

    /// Deletes a list of an object.
    pub(crate) async fn delete(
        &self,
        name: &'static str,
        path: &[&str],
        token: &SecretString,
    ) -> Result<Answer, CallError> {
        let request = self.request(Method::DELETE, path, token).timeout(self.read_timeout);
        call(Operation { provider: "whatsapp", name }, request).await
    }

    pub(crate) fn request(&self, method: Method, path: &[&str], token: &SecretString) -> RequestBuilder {
        self.http.request(method, self.address(path)).bearer_auth(token.expose_secret())
    }

    fn address(&self, path: &[&str]) -> Url {
        let segments: Vec<&str> = [self.version.as_str()].into_iter().chain(path.iter().copied()).collect();
        self.base.join(&segments)
    }
}

/// Meta's error, as far as it is to be trusted: texts are translated, the status is unreliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GraphError {
    /// Meta's code.
    pub(crate) code: u32,
    /// Finer code, which newer versions mostly leave out.
    pub(crate) subcode: Option<u32>,
}

impl GraphError {
    /// The error of a body, whatever its status says.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        let body = answer.json()?;
        let error = body.get("error")?;
        let number = |name: &str| {
            let value = error.get(name)?;
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
            u32::try_from(number).ok()
        };
        Some(Self { code: number("code")?, subcode: number("error_subcode") })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn an_error_is_its_code_and_nothing_else() {
        let error = |body: &str| {
            let body = body.as_bytes().to_vec();
            GraphError::of(&Answer { status: 200, headers: HeaderMap::new(), body })
        };
        let known = |code, subcode| Some(GraphError { code, subcode });
        assert_eq!(error(r#"{"error":{"code":100,"error_subcode":33}}"#), known(100, Some(33)));
        assert_eq!(error(r#"{"error":{"code":"190"}}"#), known(190, None));
        for body in [r#"{"error":{"code":-1}}"#, r#"{"error":"no"}"#, r#"{"code":1}"#, "<html>", ""] {
            assert_eq!(error(body), None, "{body}");
        }
    }
}
