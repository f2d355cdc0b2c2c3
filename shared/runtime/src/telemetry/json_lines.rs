//! Events as JSON lines: flat, with the fields of their spans, and metrics as `CloudWatch` reads them.

use std::{error::Error, fmt, io::Write, sync::Arc};

use numo_app::port::clock::Clock;
use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    fmt::MakeWriter,
    layer::{Context, Layer},
    registry::LookupSpan,
};

use crate::{metric::TARGET, telemetry::chain};

/// Where lines come from; part of each.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The function.
    pub service: &'static str,
    /// The deployment.
    pub stage: String,
}

/// Writes every event as a line.
pub struct JsonLines<W> {
    origin: Origin,
    clock: Arc<dyn Clock>,
    writer: W,
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl<W> JsonLines<W> {
    /// Writes to a writer, with the time of a clock.
    pub fn new(origin: Origin, clock: Arc<dyn Clock>, writer: W) -> Self {
        Self { origin, clock, writer }
    }

    fn line<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Value
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let now = self.clock.now();
        let mut line = Fields::default();
        line.text("timestamp", now.to_string());
        line.text("level", event.metadata().level().to_string());
        line.text("service", self.origin.service.to_owned());
        line.text("version", env!("CARGO_PKG_VERSION").to_owned());
        line.text("stage", self.origin.stage.clone());
        let is_count = event.metadata().target() == TARGET && event.metadata().fields().field("message").is_none();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                let kept = fields.0.iter().filter(|(name, _)| !is_count || OF_A_COUNT.contains(&name.as_str()));
                line.0.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
            }
        }
        event.record(&mut line);
        as_metric(&mut line.0, now.as_millisecond());
        Value::Object(line.0)
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let line = format!("{}\n", self.line(event, &context));
        // A log that cannot be written cannot be told either.
        self.writer.make_writer_for(event.metadata()).write_all(line.as_bytes()).ok();
    }
}

/// What a count without words has of its spans: a log takes in gigabytes of them, and the rest stands in the line about
/// the job or the call.
const OF_A_COUNT: [&str; 2] = ["org", "trace"];

/// The fields by which metrics are told apart, as far as an event has them.
const DIMENSIONS: [&str; 3] = ["stage", "provider", "outcome"];

/// Makes an event with a field `metric` one that `CloudWatch` counts.
///
/// `CloudWatch` Logs: embedded metric format, specification.
fn as_metric(line: &mut Map<String, Value>, now_ms: i64) {
    let Some(Value::String(name)) = line.get("metric").cloned() else { return };
    let count = line.remove("count").unwrap_or_else(|| json!(1));
    let dimensions: Vec<&str> = DIMENSIONS.into_iter().filter(|dimension| line.contains_key(*dimension)).collect();
    let directive =
        json!({"Namespace": "Numo", "Dimensions": [dimensions], "Metrics": [{"Name": name, "Unit": "Count"}]});
    line.insert("_aws".to_owned(), json!({"Timestamp": now_ms, "CloudWatchMetrics": [directive]}));
    line.insert(name, count);
}

/// Fields of an event or a span.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), Value::String(text));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field.name(), chain(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), Value::from(value));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        io,
        sync::{Mutex, MutexGuard},
    };

    use numo_domain::connection::LedgerProvider;
    use numo_testkit::fixed_clock::FixedClock;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// A log that is kept.
    #[derive(Clone, Default)]
    pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Kept {
        fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap()
        }

        pub(crate) fn lines(&self) -> Vec<Value> {
            String::from_utf8(self.bytes().clone())
                .unwrap()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        }

        /// Has everything of this thread logged here, from now on.
        pub(crate) fn install(&self) -> tracing::subscriber::DefaultGuard {
            let origin = Origin { service: "due-sweeper", stage: "test".to_owned() };
            let clock = Arc::new(FixedClock::at("2026-11-23T06:00:00Z".parse().unwrap()));
            let kept = self.clone();
            let lines = JsonLines::new(origin, clock, move || kept.clone());
            tracing::subscriber::set_default(tracing_subscriber::registry().with(lines))
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_flat_line_with_the_fields_of_its_spans() {
        let kept = Kept::default();
        let guard = kept.install();
        let outer = tracing::info_span!("outer", org = "org_a", job_id = tracing::field::Empty);
        outer.record("job_id", "j-1");
        outer.in_scope(|| {
            tracing::info_span!("inner", connection = 7_u64).in_scope(|| {
                tracing::warn!(ok = false, count = -1, kind = ?Some(2), "the message");
            });
        });
        drop(guard);
        let expected = json!({
            "timestamp": "2026-11-23T06:00:00Z", "level": "WARN", "service": "due-sweeper", "stage": "test",
            "version": env!("CARGO_PKG_VERSION"), "org": "org_a", "job_id": "j-1", "connection": 7,
            "ok": false, "count": -1, "kind": "Some(2)", "message": "the message",
        });
        assert_eq!(kept.lines(), [expected]);
    }

    #[test]
    fn a_metric_is_a_line_that_cloudwatch_counts() {
        let kept = Kept::default();
        let guard = kept.install();
        tracing::info_span!("record", message_id = "m-1", org = "org_a")
            .in_scope(|| crate::metric::reminders("accepted", 3));
        crate::metric::ledger_webhook(LedgerProvider::Xero, "accepted");
        tracing::error!(metric = "token_write_failed", "a renewed token set could not be stored");
        drop(guard);
        let directive = |name: &str, dimensions: Value| {
            json!({"Timestamp": 1_795_413_600_000_u64, "CloudWatchMetrics": [
                {"Namespace": "Numo", "Dimensions": [dimensions], "Metrics": [{"Name": name, "Unit": "Count"}]}]})
        };
        let common = json!({"timestamp": "2026-11-23T06:00:00Z", "service": "due-sweeper", "stage": "test",
            "version": env!("CARGO_PKG_VERSION")});
        let with = |mut extra: Value| {
            extra.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
            extra
        };
        let expected = [
            with(json!({"level": "INFO", "metric": "reminders", "outcome": "accepted", "reminders": 3,
                "org": "org_a",
                "_aws": directive("reminders", json!(["stage", "outcome"]))})),
            with(json!({"level": "INFO", "metric": "ledger_webhook", "provider": "xero", "outcome": "accepted",
                "ledger_webhook": 1,
                "_aws": directive("ledger_webhook", json!(["stage", "provider", "outcome"]))})),
            with(json!({"level": "ERROR", "metric": "token_write_failed", "token_write_failed": 1,
                "message": "a renewed token set could not be stored",
                "_aws": directive("token_write_failed", json!(["stage"]))})),
        ];
        assert_eq!(kept.lines(), expected);
    }
}
