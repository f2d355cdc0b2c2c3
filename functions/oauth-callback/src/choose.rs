//! Choosing which organisations of a consent are connected.
//!
//! The choice is a secret in the address of the page, good only with the cookie of the browser that began.

use http::header;
use numo_app::connect_ledger::{
    ConsentError,
    choice::{self, ChoiceOf},
};
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};
use numo_runtime::{
    config::PublicUrl,
    http::{
        gateway::{Request, Response},
        request,
    },
};
use url::Url;

use crate::{
    OauthPorts, binding, ending,
    page::{self, Page, choice_form},
};

/// Shows the organisations to the browser that began.
pub(crate) async fn show(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Response {
    let choice = request::query(request, "choice").unwrap_or_default();
    match choices(ports, request, &choice).await {
        Ok(choices) => choice_form::answer(provider, &choice, &choices),
        Err(error) => page::answer(provider, ending::page_of(provider, &error)),
    }
}

async fn choices(ports: &OauthPorts, request: &Request, choice: &str) -> Result<Vec<ChoiceOf>, ConsentError> {
    let binding = binding::shown(request, &ports.public_url).ok_or(ConsentError::UnknownState)?;
    let choices = choice::choices(&ports.connect, choice, &binding, ports.clock.now()).await?;
    choices.ok_or(ConsentError::UnknownState)
}

/// Connects what was ticked, and sends the browser to the console.
pub(crate) async fn choose(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Response {
    if !is_own_form(&ports.public_url, request) {
        tracing::warn!(provider = provider.as_str(), "a choice was sent by a foreign page");
        return page::answer(provider, Page::ForeignForm);
    }
    let (form, binding) = (Form::read(request.body()), binding::shown(request, &ports.public_url));
    let ended = match binding {
        Some(binding) => choice::choose(&ports.connect, &form.choice, &binding, &form.tenants, ports.clock.now()).await,
        None => Err(ConsentError::UnknownState),
    };
    ending::answer(&ports.public_url, provider, ended)
}

/// Whether a form comes from a page of ours, as far as the browser says.
fn is_own_form(public_url: &PublicUrl, request: &Request) -> bool {
    let ours = Url::parse(&public_url.to_string()).map(|url| url.origin().ascii_serialization());
    request.headers().get_all(header::ORIGIN).iter().all(|origin| ours.as_ref().is_ok_and(|ours| origin == ours))
}

/// What the page sends.
#[derive(Default)]
struct Form {
    choice: String,
    tenants: Vec<LedgerTenantId>,
}

impl Form {
    /// What is no id names no organisation of the choice.
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            match name.as_ref() {
                "choice" => form.choice = value.into_owned(),
                "tenant" => form.tenants.extend(value.parse::<LedgerTenantId>()),
                _ => {}
            }
        }
        form
    }
}
