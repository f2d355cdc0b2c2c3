//! What a mail says, as plain text and as simple HTML.

use numo_domain::email::EmailAddress;

use crate::{
    port::mail::Letter,
    store::mail::{MailText, Part},
};

/// The letter to one person.
pub(super) fn letter(text: &MailText, to: EmailAddress, unsubscribe: Option<String>) -> Letter {
    let mut parts = text.parts.clone();
    parts.extend(unsubscribe.clone().map(|url| Part::Link { label: "No more digests for me".to_owned(), url }));
    Letter { to, subject: one_line(&text.subject), text: plain(&parts), html: html(&parts), unsubscribe }
}

/// A line break in a subject would end it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Sentence(sentence) => sentence.clone(),
        Part::Points(points) => points.iter().map(|point| format!("- {point}")).collect::<Vec<_>>().join("\n"),
        Part::Link { label, url } => format!("{label}:\n{url}"),
    };
    parts.iter().map(part).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn html(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Sentence(sentence) => format!("<p>{}</p>", escaped(sentence)),
        Part::Points(points) => {
            let items: String = points.iter().map(|point| format!("<li>{}</li>", escaped(point))).collect();
            format!("<ul>{items}</ul>")
        }
        Part::Link { label, url } => format!("<p><a href=\"{}\">{}</a></p>", escaped(url), escaped(label)),
    };
    let body: String = parts.iter().map(part).collect();
    format!("<!doctype html><html lang=\"en\"><body>{body}</body></html>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_a_name_is_neither_markup_nor_a_second_line_of_the_subject() {
        let text = MailText {
            subject: "Numo:\r\nBcc: a@b.example".to_owned(),
            parts: vec![
                Part::Sentence("For <b>Harbour & Sons</b>:".to_owned()),
                Part::Points(vec!["one".to_owned(), "\"two\"".to_owned()]),
                Part::Link { label: "Open Numo".to_owned(), url: "https://numo.example/?a=1&b=2".to_owned() },
            ],
        };
        let to: EmailAddress = "olivia@harbour.example".parse().unwrap();
        let letter = letter(&text, to.clone(), Some("https://numo.example/unsubscribe/a".to_owned()));
        let expected = Letter {
            to,
            subject: "Numo: Bcc: a@b.example".to_owned(),
            text: "For <b>Harbour & Sons</b>:\n\n- one\n- \"two\"\n\nOpen Numo:\nhttps://numo.example/?a=1&b=2\n\n\
                   No more digests for me:\nhttps://numo.example/unsubscribe/a\n"
                .to_owned(),
            html: "<!doctype html><html lang=\"en\"><body><p>For &lt;b&gt;Harbour &amp; Sons&lt;/b&gt;:</p>\
                   <ul><li>one</li><li>&quot;two&quot;</li></ul>\
                   <p><a href=\"https://numo.example/?a=1&amp;b=2\">Open Numo</a></p>\
                   <p><a href=\"https://numo.example/unsubscribe/a\">No more digests for me</a></p></body></html>"
                .to_owned(),
            unsubscribe: Some("https://numo.example/unsubscribe/a".to_owned()),
        };
        assert_eq!(
            (&letter.subject, &letter.text, &letter.html, &letter.unsubscribe),
            (&expected.subject, &expected.text, &expected.html, &expected.unsubscribe)
        );
    }
}
