//! The texts that WhatsApp has to approve, and what became of each.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_domain::{
    meta_code::advice::Advice,
    template::{AccountTemplate, TemplateStatus, WhyUnusable},
};

use crate::{
    console::{Shown, frame::Frame, time::LocalTime, viewer::Viewer},
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/templates", get(show))
}

#[derive(Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    frame: Frame,
    templates: Vec<TemplateText>,
    approved: usize,
}

struct TemplateText {
    name: String,
    language: String,
    status: &'static str,
    is_approved: bool,
    advice: Option<Advice>,
    rests_until: Option<LocalTime>,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let templates = state.store().templates(&viewer.session.org).await?;
    let templates: Vec<TemplateText> =
        templates.into_iter().map(|template| TemplateText::new(template, &viewer)).collect();
    let page = TemplatesPage {
        frame: viewer.frame(&state, "Templates"),
        approved: templates.iter().filter(|template| template.is_approved).count(),
        templates,
    };
    viewer.page(&state, &page)
}

impl TemplateText {
    fn new(held: AccountTemplate, viewer: &Viewer) -> Self {
        Self {
            is_approved: held.status == TemplateStatus::Approved,
            status: status_words(held.status, held.why),
            advice: held.code.map(Advice::of_code),
            rests_until: held.rests_until.map(|until| viewer.clock.show(until)),
            name: held.template.name,
            language: held.template.language,
        }
    }
}

const fn status_words(status: TemplateStatus, why: Option<WhyUnusable>) -> &'static str {
    match (status, why) {
        (TemplateStatus::Approved, _) => "approved",
        (TemplateStatus::Pending, _) => "Meta looks at it",
        (TemplateStatus::Unusable, None) => "may not be sent",
        (TemplateStatus::Unusable, Some(why)) => why_words(why),
    }
}

const fn why_words(why: WhyUnusable) -> &'static str {
    match why {
        WhyUnusable::Marketing => "taken for marketing: not sent, as it costs more and people can opt out of it",
        WhyUnusable::Rejected => "rejected by Meta's review",
        WhyUnusable::Paused => "paused by Meta, as customers blocked or reported it",
        WhyUnusable::Disabled => "disabled by Meta for good",
        WhyUnusable::Archived => "archived, as it was not used for a year",
        WhyUnusable::Deleted => "deleted at Meta",
        WhyUnusable::LimitExceeded => "not there, as the account has too many texts",
        WhyUnusable::Locked => "locked by somebody at Meta",
        WhyUnusable::LowQuality => "about to be paused by Meta, as customers block or report it",
        WhyUnusable::Missing => "not in the account in this language, or not approved",
        WhyUnusable::Mismatch => "not what Numo would send: somebody changed it at Meta",
        WhyUnusable::LivesTooLong => "changed at Meta, so that a message would wait too long for a phone that is off",
        WhyUnusable::NotTaken => "not taken by Meta when it was handed in",
    }
}
