//! The request of an answer within the customer service window.

use numo_domain::conversation::{
    Answer, Recipient,
    day_choice::{DayChoice, RowId},
};
use serde_json::{Value, json};

/// Words alone, or words with a list of days (Meta: Cloud API, text messages; interactive list messages).
pub(crate) fn request(to: &Recipient, answer: &Answer) -> Value {
    let (field, to) = match to {
        Recipient::Number(number) => ("to", number.as_e164()),
        Recipient::User(user) => ("recipient", user.as_str()),
    };
    let (kind, content) = match &answer.choice {
        Some(choice) => ("interactive", list(answer, choice)),
        None => ("text", json!({ "body": answer.text, "preview_url": false })),
    };
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        field: to,
        "type": kind,
        "biz_opaque_callback_data": answer.attempt.to_string(),
        kind: content,
    })
}

/// One section needs no title.
fn list(answer: &Answer, choice: &DayChoice) -> Value {
    let row = |date| RowId { attempt: answer.attempt, date }.to_string();
    let rows = choice.days.iter().map(|day| json!({ "id": row(day.date), "title": day.title }));
    let rows: Vec<Value> = rows.collect();
    json!({
        "type": "list",
        "body": { "text": answer.text },
        "action": { "button": choice.button, "sections": [{ "rows": rows }] },
    })
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        conversation::{AnswerState, AnsweredBy, day_choice::DayRow},
        delivery_report::DeliveryReport,
    };

    use super::*;

    fn answer(choice: Option<DayChoice>) -> Answer {
        Answer {
            attempt: "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
            by: AnsweredBy::Numo,
            text: "On which day?".to_owned(),
            choice,
            state: AnswerState::Waiting,
            message: None,
            report: DeliveryReport::default(),
        }
    }

    #[test]
    fn words_go_out_as_a_text_and_with_days_as_a_list_whose_rows_name_answer_and_day() {
        let to = Recipient::Number("+971501234567".parse().unwrap());
        let frame = |kind: &str, content: Value| {
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+971501234567", "type": kind,
                "biz_opaque_callback_data": "018f0000-0000-7000-8000-000000000001", kind: content,
            })
        };
        let text = json!({ "body": "On which day?", "preview_url": false });
        assert_eq!(request(&to, &answer(None)), frame("text", text));
        let days = vec![DayRow { date: "2026-12-03".parse().unwrap(), title: "3 Dec 2026".to_owned() }];
        let choice = DayChoice { button: "Choose a day".to_owned(), days };
        let row = json!({ "id": "pay_on:018f0000-0000-7000-8000-000000000001:2026-12-03", "title": "3 Dec 2026" });
        let list = json!({
            "type": "list", "body": { "text": "On which day?" },
            "action": { "button": "Choose a day", "sections": [{ "rows": [row] }] },
        });
        assert_eq!(request(&to, &answer(Some(choice))), frame("interactive", list));
        let user = Recipient::User("AE.1".parse().unwrap());
        let to_user = request(&user, &answer(None));
        assert_eq!((&to_user["recipient"], to_user.get("to")), (&json!("AE.1"), None));
    }
}
