use serde_json::{Value, json};

use crate::app::App;
use crate::meta::state::{Update, UpdateKind};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Without use for this long a template is archived, and deleted this long afterwards (Meta: template archival).
const RESTS_AFTER_MS: i64 = 365 * DAY_MS;
const DELETED_AFTER_MS: i64 = 28 * DAY_MS;

/// A template of an account.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) waba_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: String,
    pub(crate) status: String,
    pub(crate) rejected_reason: String,
    pub(crate) named: bool,
    pub(crate) ttl_seconds: Option<i64>,
    pub(crate) components: Value,
    /// The entry of the library that it was made of.
    pub(crate) library_name: Option<String>,
    /// What stands in its parameters, where it was made of one.
    pub(crate) types: Vec<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub(crate) quality: String,
    pub(crate) pauses: Pauses,
    /// When it was made, sent or brought back; in state ARCHIVED, when it was archived.
    pub(crate) touched_ms: i64,
}

/// How often bad quality paused a template, and how a pause ends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pauses {
    n: u32,
    /// By itself at this time; by hand alone where pacing paused it.
    pub(crate) until_ms: Option<i64>,
}

impl Template {
    /// The sample that every account starts with.
    pub(crate) fn hello_world(waba_id: &str) -> Self {
        Self {
            waba_id: waba_id.to_owned(),
            id: format!("9{}", waba_id.get(1..).unwrap_or_default()),
            name: String::from("hello_world"),
            language: String::from("en_US"),
            category: String::from("UTILITY"),
            status: String::from("APPROVED"),
            rejected_reason: String::from("NONE"),
            named: false,
            ttl_seconds: None,
            components: json!([
                { "type": "HEADER", "format": "TEXT", "text": "Hello World" },
                { "type": "BODY", "text": "Welcome and congratulations! This message shows that you can send." },
            ]),
            library_name: None,
            types: Vec::new(),
            quality: String::from("UNKNOWN"),
            pauses: Pauses::default(),
            touched_ms: i64::MAX,
        }
    }

    /// Sets its fate and tells it by webhook, as Meta's review does.
    pub(crate) fn decide(&mut self, app: &App, status: &str) -> Update {
        self.turn(app, status, status, None)
    }

    /// Gives it a quality; the lowest one pauses it for 3, then 6 hours, and then disables it (Meta: template pausing).
    pub(crate) fn rate(&mut self, app: &App, quality: &str, stays: bool) -> Vec<Update> {
        let mut told = vec![self.rated(app, quality, "message_template_quality_update")];
        if quality == "RED" && !stays {
            self.pauses.n += 1;
            let (hours, status, title) = match self.pauses.n {
                1 => (Some(3), "PAUSED", "FIRST_PAUSE"),
                2 => (Some(6), "PAUSED", "SECOND_PAUSE"),
                _ => (None, "DISABLED", "DISABLED"),
            };
            self.pauses.until_ms = hours.map(|hours: i64| app.clock.now_ms() + hours * HOUR_MS);
            told.push(self.turn(app, status, status, Some(title)));
        }
        told
    }

    /// Tells a quality, under the field's name or under the one that Meta's own sample has.
    pub(crate) fn rated(&mut self, app: &App, quality: &str, field: &str) -> Update {
        let before = std::mem::replace(&mut self.quality, quality.to_owned());
        let value = json!({
            "previous_quality_score": before, "new_quality_score": quality, "message_template_id": self.number(),
            "message_template_name": self.name, "message_template_language": self.language,
        });
        self.told(app, field, &value)
    }

    /// Bad signals stopped its messages: it stays paused until somebody lets it go on (Meta: template pacing).
    pub(crate) fn pause_by_pacing(&mut self, app: &App) -> Vec<Update> {
        self.pauses = Pauses { until_ms: None, ..self.pauses };
        let rated = self.rated(app, "RED", "message_template_quality_update");
        vec![rated, self.turn(app, "PAUSED", "PAUSED", Some("RATE_LIMITING_PAUSE"))]
    }

    /// Lets it go on; whether it could.
    pub(crate) fn unpause(&mut self, app: &App) -> Option<Update> {
        if self.status != "PAUSED" {
            return None;
        }
        self.pauses = Pauses { until_ms: None, ..self.pauses };
        Some(self.turn(app, "APPROVED", "APPROVED", Some("UNPAUSE")))
    }

    /// Puts it to rest, or takes it back; why not, where that is impossible.
    pub(crate) fn rest(&mut self, app: &App, rests: bool) -> Result<Update, &'static str> {
        let (status, event) = match (rests, self.status.as_str()) {
            (true, "APPROVED" | "REJECTED") => ("ARCHIVED", "ARCHIVED"),
            (true, _) => return Err("Only approved or rejected templates can be archived"),
            (false, "ARCHIVED") => ("APPROVED", "UNARCHIVED"),
            (false, _) => return Err("Only archived templates can be unarchived"),
        };
        self.touched_ms = app.clock.now_ms();
        Ok(self.turn(app, status, event, None))
    }

    /// What became of it while time went by.
    pub(crate) fn age(&mut self, app: &App) -> Option<Update> {
        let now_ms = app.clock.now_ms();
        // The sample of an account is as old as the account, and nobody waits for its end.
        let rested_ms = now_ms.saturating_sub(self.touched_ms);
        match self.status.as_str() {
            "PAUSED" if self.pauses.until_ms.is_some_and(|until_ms| now_ms >= until_ms) => self.unpause(app),
            "APPROVED" if rested_ms >= RESTS_AFTER_MS => self.rest(app, true).ok(),
            "ARCHIVED" if rested_ms >= DELETED_AFTER_MS => Some(self.turn(app, "DELETED", "DELETED", None)),
            _ => None,
        }
    }

    fn turn(&mut self, app: &App, status: &str, event: &str, title: Option<&str>) -> Update {
        status.clone_into(&mut self.status);
        let reason = if status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" };
        reason.clone_into(&mut self.rejected_reason);
        let mut value = json!({
            "event": event, "message_template_id": self.number(), "message_template_name": self.name,
            "message_template_language": self.language, "reason": reason, "message_template_category": self.category,
        });
        if let (Some(title), Some(fields)) = (title, value.as_object_mut()) {
            fields.insert("other_info".to_owned(), json!({ "title": title, "description": "Told by the simulator." }));
        }
        self.told(app, "message_template_status_update", &value)
    }

    fn told(&self, app: &App, field: &str, value: &Value) -> Update {
        let body = json!({ "time": app.clock.now_s(), "change": { "field": field, "value": value } });
        Update { waba_id: self.waba_id.clone(), rank: 0, kind: UpdateKind::Change, body }
    }

    fn number(&self) -> u64 {
        self.id.parse().unwrap_or_default()
    }
}
