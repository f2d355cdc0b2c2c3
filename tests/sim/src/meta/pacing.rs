use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::errors;
use crate::meta::state::{MetaState, Update};

/// Meta's way of looking at the first messages of a text or a portfolio before it lets the others go.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// Template messages that go out before the others are held; none for all.
    free: Option<u64>,
    /// Whose messages are counted together.
    of: Paced,
    counted: HashMap<String, u64>,
    held: Vec<Held>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Paced {
    /// Those of one text (Meta: template pacing).
    #[default]
    Template,
    /// Those of one account's portfolio (Meta: business portfolio pacing).
    Portfolio,
}

/// A message that waits, with the statuses that it would have got.
#[derive(Debug)]
struct Held {
    waba_id: String,
    template: String,
    statuses: Vec<Update>,
}

impl Pacing {
    /// Whether one more message is held; one that is not counts.
    pub(crate) fn holds(&mut self, waba_id: &str, template: &str) -> bool {
        let Some(free) = self.free else { return false };
        let key = match self.of {
            Paced::Template => format!("{waba_id} {template}"),
            Paced::Portfolio => waba_id.to_owned(),
        };
        let counted = self.counted.entry(key).or_default();
        *counted += 1;
        *counted > free
    }

    pub(crate) fn hold(&mut self, waba_id: &str, template: &str, statuses: Vec<Update>) {
        self.held.push(Held { waba_id: waba_id.to_owned(), template: template.to_owned(), statuses });
    }
}

/// `POST /_control/meta/pacing {"free"?,"of"?,"decide"?}`: sets it, or decides about all that is held; how many were.
pub(crate) async fn set(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    if let Some(free) = asked.get("free") {
        let of = match asked.at("of").as_str() {
            None | Some("template") => Paced::Template,
            Some("portfolio") => Paced::Portfolio,
            Some(_) => return answer::json(400, json!({ "error": "of is template or portfolio" })),
        };
        meta.pacing = Pacing { free: free.as_u64(), of, counted: HashMap::new(), held: Vec::new() };
    }
    let n_held = meta.pacing.held.len();
    match asked.at("decide").as_str() {
        None => {}
        Some("release") => release(&app, &mut meta),
        Some("drop") => discard(&app, &mut meta),
        Some(_) => return answer::json(400, json!({ "error": "decide is release or drop" })),
    }
    app.wake.notify_one();
    answer::json(200, json!({ "held": n_held }))
}

/// Good signals: all go out, and the text is a good one.
fn release(app: &App, meta: &mut MetaState) {
    let held = std::mem::take(&mut meta.pacing.held);
    meta.pacing.counted.clear();
    if meta.pacing.of == Paced::Template {
        let rated = |template: &mut crate::meta::template::Template| {
            template.rated(app, "GREEN", "message_template_quality_update")
        };
        let updates: Vec<Update> = meta
            .templates
            .iter_mut()
            .filter(|template| held.iter().any(|held| held.is_of(&template.waba_id, &template.name)))
            .map(rated)
            .collect();
        meta.updates.extend(updates);
        meta.pacing.free = None;
    }
    let now_s = app.clock.now_s();
    for mut status in held.into_iter().flat_map(|held| held.statuses) {
        status.body.put("timestamp", json!((now_s + i64::from(status.rank)).to_string()));
        meta.updates.push(status);
    }
}

/// Bad signals: none goes out, each fails with 132015, and the text is paused until somebody lets it go on.
fn discard(app: &App, meta: &mut MetaState) {
    let held = std::mem::take(&mut meta.pacing.held);
    if meta.pacing.of == Paced::Template {
        let updates: Vec<Update> = meta
            .templates
            .iter_mut()
            .filter(|template| held.iter().any(|held| held.is_of(&template.waba_id, &template.name)))
            .flat_map(|template| template.pause_by_pacing(app))
            .collect();
        meta.updates.extend(updates);
    }
    let now_s = app.clock.now_s();
    for held in held {
        let Some(mut status) = held.statuses.into_iter().next() else { continue };
        status.body.put("status", json!("failed"));
        status.body.put("timestamp", json!(now_s.to_string()));
        status.body.put("errors", json!([errors::in_status(132_015)]));
        if let Some(fields) = status.body.as_object_mut() {
            // Nothing was sent, so nothing is charged.
            fields.remove("pricing");
        }
        meta.updates.push(status);
    }
}

impl Held {
    fn is_of(&self, waba_id: &str, template: &str) -> bool {
        self.waba_id == waba_id && self.template == template
    }
}
