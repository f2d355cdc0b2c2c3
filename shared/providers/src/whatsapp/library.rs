//! Meta's template library, and the templates that an account has of it (Meta: template library).

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::port::{
    template_library::{MadeTemplate, TemplateLibrary},
    whatsapp::AccountError,
};
use numo_domain::{
    id::WabaId,
    library::{
        LibraryText,
        entry::{Button, Header, LibraryEntry, Parameter, ParameterKind},
    },
    reminder::TemplateRef,
    template::{Purpose, TIME_TO_LIVE, Variant},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::whatsapp::{account::good, errors::AccountCall, graph::GraphClient, template};

/// Codes by which the Graph API says that it knows no such path (Meta: Graph API, error handling).
const UNKNOWN_PATHS: [u32; 2] = [803, 2500];

#[async_trait]
impl TemplateLibrary for GraphClient {
    async fn offered(
        &self,
        waba: &WabaId,
        token: &SecretString,
        purpose: Purpose,
    ) -> Result<Vec<LibraryEntry>, AccountError> {
        let Some(usecase) = usecase(purpose) else { return Ok(Vec::new()) };
        let query = [("topic", "PAYMENTS"), ("usecase", usecase)];
        // Meta's page has the path without an account, and an example that asks one.
        let rows = match self.rows("library", &["message_template_library"], token, &query).await {
            Err(error) if is_unknown_path(&error) => {
                self.rows("library", &[waba.as_str(), "message_template_library"], token, &query).await?
            }
            rows => rows?,
        };
        Ok(rows.iter().filter_map(entry).collect())
    }

    async fn make_template(&self, waba: &WabaId, token: &SecretString, text: &LibraryText) -> Result<(), AccountError> {
        let path = [waba.as_str(), "message_templates"];
        let answer = self.post("make_template", &path, token, &creation(text, self.public_url())).await;
        good(answer, AccountCall::WithBody).map(|_| ())
    }

    async fn made_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &TemplateRef,
    ) -> Result<Option<MadeTemplate>, AccountError> {
        let fields = "id,name,language,status,category,quality_score,components,message_send_ttl_seconds";
        let query = [("fields", fields), ("name", template.name.as_str())];
        let rows = self.rows("made_template", &[waba.as_str(), "message_templates"], token, &query).await?;
        Ok(rows.iter().filter_map(made).find(|made| made.standing.template == *template))
    }
}

fn is_unknown_path(error: &AccountError) -> bool {
    match error {
        AccountError::Unknown => true,
        AccountError::Rejected(code) => UNKNOWN_PATHS.contains(code),
        AccountError::Refused | AccountError::Unavailable(_) => false,
    }
}

/// How the library sorts what a purpose says; none where it has nothing for it.
const fn usecase(purpose: Purpose) -> Option<&'static str> {
    match purpose {
        Purpose::Upcoming | Purpose::DueToday => Some("PAYMENT_DUE_REMINDER"),
        Purpose::OverdueGentle => Some("PAYMENT_OVERDUE"),
        Purpose::OverdueFirm
        | Purpose::OverdueFinal
        | Purpose::Statement
        | Purpose::PromiseMissed
        | Purpose::ThankYou
        | Purpose::PartPayment => None,
    }
}

/// An entry of the library; rows without a name, a language or a body are left out.
fn entry(row: &Value) -> Option<LibraryEntry> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let list = |name: &str| row.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let name = text("name").filter(|name| name.len() <= MAX_NAME_LENGTH && name.chars().all(is_of_a_name))?;
    let kinds = list("body_param_types");
    let parameter = |(index, example): (usize, &Value)| Parameter {
        kind: kind(kinds.get(index).and_then(Value::as_str)),
        example: example.as_str().unwrap_or_default().to_owned(),
    };
    Some(LibraryEntry {
        name: name.to_owned(),
        language: text("language")?.to_owned(),
        is_utility: template::is_utility(text("category").unwrap_or_default()),
        header: header(row),
        body: text("body")?.to_owned(),
        footer: text("footer").map(str::to_owned),
        parameters: list("body_params").iter().enumerate().map(parameter).collect(),
        buttons: list("buttons").iter().map(button).collect(),
    })
}

/// Meta lets a name have 512 characters, of which ours need some.
const MAX_NAME_LENGTH: usize = 400;

fn header(row: &Value) -> Header {
    match row.get("header") {
        None | Some(Value::Null) => Header::None,
        Some(Value::String(text)) if text.is_empty() => Header::None,
        Some(Value::String(text)) => Header::Text(text.clone()),
        Some(_) => Header::Media,
    }
}

fn kind(told: Option<&str>) -> ParameterKind {
    match told {
        Some("TEXT") => ParameterKind::Text,
        Some("AMOUNT") => ParameterKind::Amount,
        Some("DATE") => ParameterKind::Date,
        Some("NUMBER") => ParameterKind::Number,
        Some(_) | None => ParameterKind::Other,
    }
}

fn button(row: &Value) -> Button {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let label = text("text").to_owned();
    match text("type") {
        "URL" => Button::Link { label },
        "QUICK_REPLY" => Button::Answer { label },
        "PHONE_NUMBER" | "VOICE_CALL" => Button::Call { label },
        _ => Button::Other { label },
    }
}

/// The request that makes a template of a text of the library; a button opens `{public_url}/pay/{token}`.
fn creation(text: &LibraryText, public_url: &str) -> Value {
    let mut creation = json!({
        "name": text.template.name,
        "language": text.template.language,
        "category": "UTILITY",
        "library_template_name": text.library_name,
        "message_send_ttl_seconds": TIME_TO_LIVE.as_secs(),
    });
    if let (Variant::PayPage, Some(fields)) = (text.variant(), creation.as_object_mut()) {
        let example = format!("{public_url}/pay/0123456789abcdef0123456789abcdef");
        let url = json!({ "base_url": format!("{public_url}/pay/{{{{1}}}}"), "url_suffix_example": example });
        // A list within a string, as in Meta's own example.
        let inputs = json!([{ "type": "URL", "url": url }]).to_string();
        fields.insert("library_template_button_inputs".to_owned(), Value::String(inputs));
    }
    creation
}

/// A template of an account with its body and its time to live.
fn made(row: &Value) -> Option<MadeTemplate> {
    let is_body = |component: &&Value| {
        component.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("BODY"))
    };
    let body = row.get("components").and_then(Value::as_array).and_then(|all| all.iter().find(is_body));
    let seconds = row.get("message_send_ttl_seconds").and_then(Value::as_i64).filter(|seconds| *seconds > 0);
    Some(MadeTemplate {
        standing: template::found(row)?.text,
        body: body.and_then(|body| body.get("text")?.as_str()).unwrap_or_default().to_owned(),
        time_to_live: seconds.map(SignedDuration::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use numo_domain::{language::Language, library::value::LibraryValue, template::AccountTemplate};

    use super::*;
    use crate::samples;

    #[test]
    fn metas_documented_entry_is_read_whole() {
        let cases = samples::cases("meta/requests/docs_template_send_and_create.json");
        let row = cases.into_iter().find(|(name, _)| name == "library_template_entry").unwrap().1;
        let examples =
            ["Jim", "available funds", "CS Mutual checking plus", "1234", "limit", "$75.00", "funds", "CS Mutual"];
        let parameter = |example: &str| Parameter { kind: ParameterKind::Other, example: example.to_owned() };
        let expected = LibraryEntry {
            name: String::from("low_balance_warning_1"),
            language: String::from("en_US"),
            is_utility: true,
            header: Header::Text(String::from("Your account balance is low")),
            body: row["body"].as_str().unwrap().to_owned(),
            footer: None,
            parameters: examples.into_iter().map(parameter).collect(),
            buttons: vec![
                Button::Link { label: String::from("Make a deposit") },
                Button::Call { label: String::from("Call us") },
            ],
        };
        assert_eq!(entry(&row), Some(expected));
    }

    #[test]
    fn what_meta_tells_of_parameters_headers_and_buttons_decides_and_the_unknown_is_kept_as_such() {
        use ParameterKind::{Amount, Date, Number, Other, Text};
        let types = json!(["TEXT", "AMOUNT", "DATE", "NUMBER", "EMAIL", "PHONE NUMBER", "ADDRESS", "text", 7]);
        let buttons = ["URL", "QUICK_REPLY", "PHONE_NUMBER", "FLOW", "OTP", ""];
        let row = json!({
            "name": "a_1", "language": "en", "category": "utility", "body": "b", "body_param_types": types,
            "body_params": vec!["x"; 10], "buttons": buttons.map(|kind| json!({ "type": kind, "text": "t" })),
            "header": { "type": "DOCUMENT" }, "footer": "f", "industry": ["E_COMMERCE"], "unknown": {},
        });
        let read = entry(&row).unwrap();
        let kinds: Vec<ParameterKind> = read.parameters.iter().map(|parameter| parameter.kind).collect();
        assert_eq!(kinds, [Text, Amount, Date, Number, Other, Other, Other, Other, Other, Other]);
        let label = || String::from("t");
        let expected = [
            Button::Link { label: label() },
            Button::Answer { label: label() },
            Button::Call { label: label() },
            Button::Other { label: label() },
            Button::Other { label: label() },
            Button::Other { label: label() },
        ];
        assert_eq!(read.buttons, expected);
        assert_eq!((read.header, read.footer.as_deref(), read.is_utility), (Header::Media, Some("f"), true));
    }

    #[test]
    fn a_row_without_a_name_that_a_template_may_have_is_left_out() {
        let row = |name: &str| json!({ "name": name, "language": "en", "category": "UTILITY", "body": "b" });
        assert!(entry(&row("payment_due_1")).is_some());
        for name in ["", "Payment", "a b", "a-b", &"a".repeat(401)] {
            assert_eq!(entry(&row(name)), None, "{name}");
        }
        assert_eq!(entry(&json!({ "name": "a", "language": "en" })), None);
        assert_eq!(entry(&json!({ "name": "a", "body": "b" })), None);
        assert_eq!(entry(&json!("a")), None);
    }

    fn text(buttons: Vec<Button>) -> LibraryText {
        LibraryText {
            template: TemplateRef { name: String::from("numo_library_a_1"), language: String::from("en_US") },
            library_name: String::from("a"),
            language: Language::English,
            header: None,
            body: String::from("Pay {{1}} now."),
            footer: None,
            buttons,
            values: vec![LibraryValue::Balance],
        }
    }

    #[test]
    fn a_template_is_made_with_a_short_life_and_its_button_opens_the_pay_page() {
        let plain = json!({
            "name": "numo_library_a_1", "language": "en_US", "category": "UTILITY", "library_template_name": "a",
            "message_send_ttl_seconds": 43_200,
        });
        let answer = Button::Answer { label: String::from("Stop") };
        assert_eq!(creation(&text(vec![answer]), "https://numo.example"), plain);
        let mut linked = creation(&text(vec![Button::Link { label: String::from("Pay") }]), "https://numo.example");
        let inputs = linked.as_object_mut().unwrap().remove("library_template_button_inputs").unwrap();
        let url = json!({
            "base_url": "https://numo.example/pay/{{1}}",
            "url_suffix_example": "https://numo.example/pay/0123456789abcdef0123456789abcdef",
        });
        let read: Value = serde_json::from_str(inputs.as_str().unwrap()).unwrap();
        assert_eq!((linked, read), (plain, json!([{ "type": "URL", "url": url }])));
    }

    #[test]
    fn a_template_tells_what_it_says_and_how_long_its_messages_live() {
        let row = |ttl: Value| {
            json!({
                "id": "7", "name": "a", "language": "en", "status": "APPROVED", "category": "UTILITY",
                "message_send_ttl_seconds": ttl,
                "components": [{ "type": "HEADER", "text": "h" }, { "type": "BODY", "text": "b" }],
            })
        };
        let template = TemplateRef { name: String::from("a"), language: String::from("en") };
        let expected = |time_to_live| MadeTemplate {
            standing: AccountTemplate::approved(template.clone()),
            body: String::from("b"),
            time_to_live,
        };
        let half_a_day = Some(SignedDuration::from_hours(12));
        assert_eq!(made(&row(json!(43_200))), Some(expected(half_a_day)));
        for none in [Value::Null, json!(-1), json!("43200")] {
            assert_eq!(made(&row(none)), Some(expected(None)));
        }
    }
}
