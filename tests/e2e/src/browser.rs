//! A browser's part of a consent: cookies kept, redirects followed by hand.

use std::collections::BTreeMap;

use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use crate::error::JourneyError;
use crate::http::{Answer, send};

/// A browser that is open at the product.
#[derive(Debug, Clone)]
pub struct Browser {
    http: Client,
    /// The public address, as it stands in redirects.
    public_url: String,
    /// Where that address is reached.
    loopback_url: String,
    /// Cookies of the product.
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser without cookies.
    pub const fn new(http: Client, public_url: String, loopback_url: String) -> Self {
        Self { http, public_url, loopback_url, cookies: BTreeMap::new() }
    }

    /// Opens a page of the product and keeps the cookies it sets.
    pub async fn open(&mut self, path: &str) -> Result<Answer, JourneyError> {
        let request = self.http.get(format!("{}{path}", self.loopback_url));
        self.send(Method::GET, path, request).await
    }

    /// Asks for a part of a page, as htmx does.
    pub async fn load(&mut self, path: &str) -> Result<Answer, JourneyError> {
        let request = self.http.get(format!("{}{path}", self.loopback_url)).header("hx-request", "true");
        self.send(Method::GET, path, request).await
    }

    /// Sends a form of the product, without following where it leads.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, JourneyError> {
        let request = self.http.post(format!("{}{path}", self.loopback_url)).header("origin", &self.public_url);
        self.send(Method::POST, path, request.form(fields)).await
    }

    async fn send(&mut self, method: Method, path: &str, mut request: RequestBuilder) -> Result<Answer, JourneyError> {
        if !self.cookies.is_empty() {
            let sent: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(reqwest::header::COOKIE, sent.join("; "));
        }
        // Codes and states stay out of error texts.
        let shown = path.split('?').next().unwrap_or_default();
        let answer = send(method, shown, request).await?;
        for cookie in &answer.cookies {
            self.keep(cookie);
        }
        Ok(answer)
    }

    /// Begins a consent; returns the provider's page that the product sends the browser to.
    pub async fn begin_consent(&mut self, provider: &str) -> Result<Url, JourneyError> {
        let answer = self.open(&format!("/oauth/{provider}/start")).await?;
        let location = answer.location.as_deref().filter(|_| answer.status.is_redirection());
        let location = location.ok_or_else(|| answer.refused())?;
        Url::parse(location).map_err(|error| JourneyError::broken(format!("the start leads nowhere: {error}")))
    }

    /// Chooses an organisation on the provider's page; returns the path that it sends the browser back to.
    pub async fn choose(&self, mut authorise: Url, user: &str, tenant: &str) -> Result<String, JourneyError> {
        authorise.query_pairs_mut().append_pair("sim_user", user).append_pair("sim_choose", tenant);
        let answer = send(Method::GET, "/authorize", self.http.get(authorise)).await?;
        let location = answer.location.clone().filter(|_| answer.status.is_redirection());
        let location = location.ok_or_else(|| answer.refused())?;
        match location.strip_prefix(&self.public_url) {
            Some(path) => Ok(path.to_owned()),
            None => Err(JourneyError::broken("the provider sends the browser to another address than the product's")),
        }
    }

    /// Keeps a cookie, or forgets it where its life is over.
    fn keep(&mut self, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        if value.is_empty() || parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
