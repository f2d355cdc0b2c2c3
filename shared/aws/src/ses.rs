//! Mails to people of an organisation, with SES.

use async_trait::async_trait;
use aws_sdk_sesv2::{
    Client,
    config::{Builder, retry::RetryConfig},
    error::SdkError,
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader},
};
use aws_types::SdkConfig;
use numo_app::port::mail::{Letter, Mail, MailError};

use crate::failure::Failure;

/// Sends from one address.
#[derive(Debug, Clone)]
pub struct SesMail {
    client: Client,
    from: String,
}

impl SesMail {
    /// Sends from an address that is an identity of SES, or whose domain is one.
    ///
    /// Nothing is repeated by itself: a mail whose answer was lost may have gone out.
    pub fn new(config: &SdkConfig, from: impl Into<String>) -> Self {
        let config = Builder::from(config).retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), from: from.into() }
    }
}

#[async_trait]
impl Mail for SesMail {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let content = content(letter).map_err(|failure| MailError::NotSent(failure))?;
        let to = Destination::builder().to_addresses(letter.to.as_str()).build();
        let call = self.client.send_email().from_email_address(&self.from).destination(to).content(content);
        call.send().await.map(|_| ()).map_err(|error| mail_error(&error))
    }
}

fn content(letter: &Letter) -> Result<EmailContent, Box<Failure>> {
    let body = Body::builder().text(text(&letter.text)?).html(text(&letter.html)?).build();
    let mut message = Message::builder().subject(text(&letter.subject)?).body(body);
    // RFC 8058: a mail program may unsubscribe with one POST, without showing the page.
    if let Some(address) = &letter.unsubscribe {
        message = message.headers(header("List-Unsubscribe", &format!("<{address}>"))?);
        message = message.headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    }
    Ok(EmailContent::builder().simple(message.build()).build())
}

fn text(text: &str) -> Result<Content, Box<Failure>> {
    Content::builder().data(text).charset("UTF-8").build().map_err(|_missing| unbuilt())
}

fn header(name: &str, value: &str) -> Result<MessageHeader, Box<Failure>> {
    MessageHeader::builder().name(name).value(value).build().map_err(|_missing| unbuilt())
}

fn unbuilt() -> Box<Failure> {
    Failure::because("SendEmail", "Unbuilt", "a part is missing")
}

/// SES: every 4xx is a mail that was not taken, throttling and a sender that may not send included.
fn mail_error(error: &SdkError<SendEmailError>) -> MailError {
    let is_refused = error.raw_response().is_some_and(|answer| answer.status().is_client_error());
    let failure = Failure::of("SendEmail", error).without_message();
    if is_refused || matches!(error, SdkError::ConstructionFailure(_)) {
        MailError::NotSent(failure)
    } else {
        MailError::Unclear(failure)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::canned::{Answer, Canned};

    fn letter() -> Letter {
        Letter {
            to: "olivia@harbour.example".parse().unwrap(),
            subject: "Connect Xero again".to_owned(),
            text: "Text".to_owned(),
            html: "<p>Text</p>".to_owned(),
            unsubscribe: Some("https://numo.example/unsubscribe/a/b/c".to_owned()),
        }
    }

    async fn sent(answer: Answer) -> (Result<(), String>, usize) {
        let server = Canned::start(vec![answer]);
        let sent = SesMail::new(&server.config(), "numo@numo.example").send(&letter()).await;
        let told = sent.map_err(|error| match error {
            MailError::NotSent(source) => format!("not sent: {source}"),
            MailError::Unclear(source) => format!("unclear: {source}"),
        });
        (told, server.bodies().len())
    }

    #[tokio::test]
    async fn a_mail_has_one_recipient_both_forms_of_its_text_and_a_way_out() {
        let server = Canned::start(vec![Answer::ok(r#"{"MessageId":"1"}"#)]);
        SesMail::new(&server.config(), "numo@numo.example").send(&letter()).await.unwrap();
        let text = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
        let expected = json!({
            "FromEmailAddress": "numo@numo.example",
            "Destination": {"ToAddresses": ["olivia@harbour.example"]},
            "Content": {"Simple": {
                "Subject": text("Connect Xero again"),
                "Body": {"Text": text("Text"), "Html": text("<p>Text</p>")},
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": "<https://numo.example/unsubscribe/a/b/c>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                ],
            }},
        });
        let sent: Vec<Value> = server.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        assert_eq!(sent, [expected]);
    }

    #[tokio::test]
    async fn what_ses_refuses_was_not_sent_and_nothing_else_is_certain_and_nothing_is_called_twice() {
        for (status, code) in [
            (429, "TooManyRequestsException"),
            (400, "LimitExceededException"),
            (400, "MessageRejected"),
            (400, "AccountSuspendedException"),
            (400, "SendingPausedException"),
            (403, "AccessDeniedException"),
        ] {
            let (told, n_calls) = sent(Answer::error(status, code)).await;
            let told = told.unwrap_err();
            assert!(told.starts_with("not sent: SendEmail failed with ") && n_calls == 1, "{told} {n_calls}");
        }
        for answer in [Answer::error(500, "InternalFailure"), Answer::error(503, "Unavailable"), Answer::lost()] {
            let (told, n_calls) = sent(answer).await;
            assert!(told.unwrap_err().starts_with("unclear: ") && n_calls == 1);
        }
        assert_eq!(sent(Answer::ok(r#"{"MessageId":"1"}"#)).await, (Ok(()), 1));
    }

    #[tokio::test]
    async fn an_error_quotes_no_address() {
        let message = r#"{"message":"Email address is not verified: olivia@harbour.example"}"#;
        let (told, _) = sent(Answer { status: 400, body: message.to_owned() }).await;
        assert!(!told.unwrap_err().contains("olivia"));
    }
}
