//! Finishing a consent, or asking which of its organisations are meant.

use http::StatusCode;
use numo_app::connect_ledger::{Callback, ConsentError, Finished, NoCode, finish_consent};
use numo_domain::{connection::LedgerProvider, id::LedgerTenantId};
use numo_runtime::http::{
    gateway::{Request, Response},
    request, response,
};
use secrecy::SecretString;

use crate::{OauthPorts, binding, ending};

/// Uses the consent up and sends the browser to the console, or to the choice.
pub(crate) async fn callback(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Response {
    let ended = match finish(ports, provider, request).await {
        Ok(Finished::Choose { choice }) => return to_choice(ports, provider, request, &choice),
        Ok(Finished::Connected(connections)) => Ok(connections),
        Err(error) => Err(error),
    };
    ending::answer(&ports.public_url, provider, ended)
}

async fn finish(ports: &OauthPorts, provider: LedgerProvider, request: &Request) -> Result<Finished, ConsentError> {
    let state = request::query(request, "state").ok_or(ConsentError::UnknownState)?;
    let realm = request::query(request, "realmId").and_then(|realm| realm.parse().ok());
    let code = code(provider, request, realm.as_ref());
    let callback = Callback { provider, state, code, realm, binding: binding::shown(request, &ports.public_url) };
    finish_consent(&ports.connect, callback, &ports.redirect_uri(provider), ports.clock.now()).await
}

/// The code, or why there is none to be used; an answer that says both is no grant.
fn code(provider: LedgerProvider, request: &Request, realm: Option<&LedgerTenantId>) -> Result<SecretString, NoCode> {
    if request::query(request, "error").is_some() {
        return Err(no_code(&request::query(request, "error_description").unwrap_or_default()));
    }
    let names_organisation = match provider {
        LedgerProvider::Xero => true,
        // Intuit: OAuth 2.0, the company is named by realmId in the query and nowhere else.
        LedgerProvider::Quickbooks => realm.is_some(),
    };
    let code = request::query(request, "code").filter(|_| names_organisation);
    code.map(SecretString::from).ok_or(NoCode::Declined)
}

/// What a refusal means: the error's code is the same for an owner who declines and for an app at its cap.
fn no_code(description: &str) -> NoCode {
    let description = description.to_lowercase();
    let names_cap = ["limit", "maximum"].iter().any(|word| description.contains(word));
    if names_cap && description.contains("connection") { NoCode::CapReached } else { NoCode::Declined }
}

/// The cookie is kept on, since the choice may take as long as the consent did.
fn to_choice(ports: &OauthPorts, provider: LedgerProvider, request: &Request, choice: &str) -> Response {
    let target = format!("/oauth/{}/choose?choice={choice}", provider.as_str());
    let mut answer = response::redirect(StatusCode::SEE_OTHER, &target);
    if let Some(binding) = binding::shown(request, &ports.public_url) {
        binding::keep(&mut answer, &ports.public_url, &binding);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_cap_only_where_it_speaks_of_connections_and_their_limit() {
        let cases = [
            ("the app has reached its limit of connections", NoCode::CapReached),
            ("Maximum number of connections reached", NoCode::CapReached),
            ("The user denied the connection", NoCode::Declined),
            ("the time limit was reached", NoCode::Declined),
            ("", NoCode::Declined),
        ];
        for (description, expected) in cases {
            assert_eq!(no_code(description), expected, "{description}");
        }
    }
}
