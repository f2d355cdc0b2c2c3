//! Whatever is logged, nothing of a person and no secret is in it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use numo_app::port::{
    ledger::{
        auth::LedgerAuth,
        reader::{LedgerReader, Pull},
    },
    signup::WhatsappSignup,
    whatsapp::{Messaging, SenderAccess, WhatsappAccount},
};
use secrecy::ExposeSecret;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    bench::{Bench, SHORT, first_text, harbour},
    whatsapp_send::message,
};

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_events_of_calls_hold_no_secret_no_number_and_no_name() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    // For all threads: what is logged for one alone is lost when another meets the same event first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let bench = Bench::start().await;
    let access = bench.ledger("demo").await;
    let tokens = bench.granted("demo").await.unwrap().tokens;
    let renewed = bench.xero_auth().refresh(&tokens).await.unwrap();
    let reader = bench.xero_reader();
    let pull = Pull::Changes { since: Timestamp::UNIX_EPOCH };
    reader.batch(&access, &pull, &reader.begin(&pull)).await.unwrap();
    let waba = "102290129340398".parse().unwrap();
    let graph = bench.graph().with_timeout(SHORT);
    graph.create_template(&waba, &harbour().token, &first_text()).await.unwrap();
    bench.fault("meta", json!({ "kind": "truncate" })).await;
    for _ in 0..2 {
        let attempt = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        let to = "+971501234567".parse().unwrap();
        let outcome = Messaging::send(&graph, &harbour(), &to, attempt, &message()).await;
        tracing::debug!(?outcome);
    }
    let signup = bench.signup("app-secret-9d1c");
    let code = bench.code("405593452673611").await;
    let business = signup.exchange(&code).await.unwrap();
    signup.inspect(&business).await.unwrap();
    let number = SenderAccess { phone_number_id: "409871562345871".parse().unwrap(), token: business.clone() };
    let registered = signup.register(&number, &"135790".parse().unwrap()).await;
    tracing::debug!(?registered, ?signup);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let event = r#"provider="whatsapp" operation="send" status=200"#;
    let lost = r#"provider="whatsapp" operation="send" failure="lost""#;
    assert!(text.contains(event) && text.contains(lost), "{text}");
    let secrets = [&access.token, &tokens.access, &renewed.access, &harbour().token, &code, &business]
        .map(|token| token.expose_secret().to_owned());
    for hidden in secrets.iter().map(String::as_str).chain([
        "971501234567",
        "Acme Trading",
        "Bearer",
        "Basic ",
        "app-secret-9d1c",
        "135790",
    ]) {
        assert!(!text.contains(hidden), "{hidden}");
    }
}
