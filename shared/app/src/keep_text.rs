//! Keeping how a text of the pack stands on an account, with what follows from it.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, WabaId},
    template::{AccountTemplate, WhyUnusable},
};

use crate::{
    error::AppError,
    job::Work,
    store::{Store, task::TaskAbout},
};

/// Keeps how a text stands, has the day planned anew, and tells the owner why a text is not used any more.
///
/// Whether that changed anything. What follows is written first: a repeat after a crash finds it undone.
pub(crate) async fn keep_text(
    store: &Store,
    org: &OrgId,
    waba: &WabaId,
    known: Option<&AccountTemplate>,
    text: &AccountTemplate,
    now: Timestamp,
) -> Result<bool, AppError> {
    if known == Some(text) {
        return Ok(false);
    }
    let task = |why| TaskAbout::TextUnusable { waba: waba.clone(), template: text.template.clone(), why };
    // The one about another cause says what is not so any more.
    if let Some(before) = known.and_then(|known| known.why) {
        store.close_task(org, &task(before)).await?;
    }
    let told = text.why.filter(|why| is_for_owner(*why)).map(task);
    if let Some(about) = &told {
        store.open_task(org, about.clone(), now).await?;
    }
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    store.save_template(org, waba, text, now).await?;
    // A look at the account may have closed it meanwhile, since the text was not saved yet.
    if let Some(about) = told {
        store.open_task(org, about, now).await?;
    }
    Ok(true)
}

/// Whether a person should know of this one; what is archived or gone is brought back by the next look at the account,
/// and what Meta did not take is told once for all texts with the same cause.
const fn is_for_owner(why: WhyUnusable) -> bool {
    match why {
        WhyUnusable::Marketing
        | WhyUnusable::Rejected
        | WhyUnusable::Paused
        | WhyUnusable::Disabled
        | WhyUnusable::LimitExceeded
        | WhyUnusable::Locked
        | WhyUnusable::Mismatch
        | WhyUnusable::LivesTooLong
        | WhyUnusable::LowQuality => true,
        WhyUnusable::Archived | WhyUnusable::Deleted | WhyUnusable::Missing | WhyUnusable::NotTaken => false,
    }
}
