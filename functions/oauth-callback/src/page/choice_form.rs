//! The page on which the owner chooses organisations.

use http::{HeaderValue, StatusCode, header};
use numo_app::connect_ledger::choice::{ChoiceOf, HeldBy};
use numo_domain::connection::LedgerProvider;
use numo_runtime::http::{gateway::Response, response};

use crate::page::{
    frame::{STYLE, escaped, framed},
    ledger,
};

/// The answer that shows what can be chosen.
pub fn answer(provider: LedgerProvider, choice: &str, choices: &[ChoiceOf]) -> Response {
    let mut answer = response::page(StatusCode::OK, STYLE, html(provider, choice, choices));
    let headers = answer.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let sending = policy.map(|policy| policy.replace("form-action 'none'", "form-action 'self'"));
    if let Some(Ok(policy)) = sending.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Fetch, "append a request Origin header": under no-referrer a form would be sent with `Origin: null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}

fn html(provider: LedgerProvider, choice: &str, choices: &[ChoiceOf]) -> String {
    let (ledger, provider, choice) = (ledger(provider), provider.as_str(), escaped(choice));
    let boxes: String = choices.iter().map(tick_box).collect();
    framed(
        "Which organisations should Numo connect?",
        &format!(
            "<p>You allowed access to several organisations at {ledger}. Tick those whose invoices Numo is to \
             read.</p>\n\
             <p>Nothing is connected yet. The access that you allowed is kept encrypted until you choose, in this \
             browser and within ten minutes.</p>\n\
             <form method=\"post\" action=\"/oauth/{provider}/choose\">\n\
             <input type=\"hidden\" name=\"choice\" value=\"{choice}\">\n\
             <fieldset>\n<legend>Organisations</legend>\n{boxes}</fieldset>\n\
             <p>What you do not tick is not connected, and {ledger} is told to end its link with Numo. \
             What is connected to your organisation already stays connected.</p>\n\
             <p><button type=\"submit\">Connect what is ticked</button></p>\n</form>\n"
        ),
    )
}

fn tick_box(choice: &ChoiceOf) -> String {
    let (name, tenant) = (escaped(&choice.tenant.name), escaped(choice.tenant.tenant.as_str()));
    let (state, remark) = match choice.held_by {
        HeldBy::Nobody => (format!(" name=\"tenant\" value=\"{tenant}\""), ""),
        HeldBy::Us => (format!(" name=\"tenant\" value=\"{tenant}\" checked"), " (connected already)"),
        HeldBy::Others => (" disabled".to_owned(), " (not available: connected to another business in Numo)"),
    };
    format!("<label><input type=\"checkbox\"{state}> {name}{remark}</label>\n")
}

#[cfg(test)]
mod tests {
    use numo_app::port::ledger::auth::GrantedTenant;

    use super::*;

    fn choice(tenant: &str, name: &str, held_by: HeldBy) -> ChoiceOf {
        let (tenant, provider_connection) = (tenant.parse().unwrap(), "link".parse().unwrap());
        ChoiceOf { tenant: GrantedTenant { tenant, provider_connection, name: name.to_owned() }, held_by }
    }

    #[test]
    fn organisations_that_are_ours_are_ticked_and_those_of_others_cannot_be() {
        let choices = [
            choice("t-1", "New Co", HeldBy::Nobody),
            choice("t-2", "Ours", HeldBy::Us),
            choice("t-3", "Theirs", HeldBy::Others),
        ];
        let boxes: Vec<String> = choices.iter().map(tick_box).collect();
        assert_eq!(
            boxes,
            [
                "<label><input type=\"checkbox\" name=\"tenant\" value=\"t-1\"> New Co</label>\n",
                "<label><input type=\"checkbox\" name=\"tenant\" value=\"t-2\" checked> Ours (connected already)\
                 </label>\n",
                "<label><input type=\"checkbox\" disabled> Theirs \
                 (not available: connected to another business in Numo)</label>\n",
            ]
        );
    }

    #[test]
    fn names_ids_and_the_choice_cannot_become_markup() {
        let choices = [choice("\"><script>", "<img src=x> & 'Sons'", HeldBy::Nobody)];
        let page = html(LedgerProvider::Xero, "\"><script>", &choices);
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(page.contains("&lt;img src=x&gt; &amp; &#39;Sons&#39;"));
        assert_eq!(page.matches("value=\"&quot;&gt;&lt;script&gt;\"").count(), 2);
    }

    #[test]
    fn the_page_may_send_its_form_to_us_and_nowhere_else() {
        let answer = answer(LedgerProvider::Quickbooks, "secret", &[]);
        let headers = answer.headers();
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let expected =
            "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'sha256-";
        assert!(policy.starts_with(expected), "{policy}");
        assert_eq!(headers["referrer-policy"], "same-origin");
    }
}
