//! Who is mailed, and about what.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{
    mail_settings::{set_digest, set_mails},
    store::{
        expected::Subject,
        mail::{MailSettings, Recipients},
    },
};
use numo_domain::id::UserId;

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        people::{PersonText, members},
        sent::Sent,
        viewer::Viewer,
    },
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/settings/mails", get(show).post(change)).route("/settings/mails/digest", post(digest))
}

#[derive(Template)]
#[template(path = "settings_mails.html")]
struct MailsPage {
    frame: Frame,
    revision: u64,
    /// Whether this deployment sends mails at all.
    sends: bool,
    to_admins: bool,
    /// Everybody, and whether they were chosen; none while Clerk does not tell.
    people: Option<Vec<(PersonText, bool)>>,
    names: bool,
    /// Whether whoever looks wants digests.
    digest: bool,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (settings, revision) = state.store().revised_mail_settings(&viewer.session.org).await?;
    let MailSettings { recipients, names, without_digest } = settings;
    let (to_admins, chosen) = match recipients {
        Recipients::Admins => (true, BTreeSet::new()),
        Recipients::Chosen(chosen) => (false, chosen),
    };
    let people = match members(&state, &viewer.session.org).await {
        Ok(people) => Some(people),
        Err(error) => {
            tracing::warn!(error = %error, "the page of mails is shown without the members");
            None
        }
    };
    let with_choice = |person: PersonText| {
        let is_chosen = chosen.contains(&person.id);
        (person, is_chosen)
    };
    let page = MailsPage {
        frame: viewer.frame(&state, "Mails"),
        revision,
        sends: state.site.sends_mails,
        to_admins,
        people: people.map(|people| people.into_iter().map(with_choice).collect()),
        names,
        digest: !without_digest.contains(&viewer.session.user),
    };
    viewer.page(&state, &page)
}

/// Says who gets mails, and whether they name customers.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, fields) = (&sent.viewer.session, &sent.fields);
    let recipients = match fields.text("recipients")? {
        "admins" => Recipients::Admins,
        "chosen" => Recipients::Chosen(chosen(fields.all("member"))?),
        _ => return Err(Failure::invalid("recipients", "admins or chosen is needed").into()),
    };
    let waker = sent.waker(&state, Subject::Mails)?;
    let wanted = (recipients, fields.optional("names").is_some());
    set_mails(&waker, &session.org, &session.user, wanted, state.now()).await?;
    Ok(sent.done("/settings/mails", Notice::SettingSaved).into_response())
}

/// Open to members too: it is about their own.
async fn digest(State(state): State<AppState>, sent: Sent) -> Shown {
    let (session, wanted) = (&sent.viewer.session, sent.fields.optional("digest").is_some());
    let waker = sent.waker(&state, Subject::Mails)?;
    set_digest(&waker, &session.org, &session.user, wanted, state.now()).await?;
    Ok(sent.done("/settings/mails", Notice::SettingSaved).into_response())
}

fn chosen<'a>(members: impl Iterator<Item = &'a str>) -> Result<BTreeSet<UserId>, Failure> {
    members.map(|member| member.parse().map_err(|_invalid| Failure::invalid("member", "open the page again"))).collect()
}
