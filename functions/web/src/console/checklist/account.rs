//! WhatsApp: a number that can send, what Meta wants of the account, and texts that Meta has approved.

use numo_app::{
    error::AppError,
    store::task::{Task, TaskAbout},
};
use numo_domain::{
    language::Language,
    library::entry::LIBRARY_PREFIX,
    meta_code::advice::Advice,
    notice::NoticeKind,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, TemplateStatus, Variant, texts_in},
    whatsapp_account::AccountTrouble,
};

use crate::{
    console::{checklist::Step, viewer::Viewer},
    state::AppState,
};

/// Where Meta shows accounts, numbers and payment methods.
const MANAGER: &str = "https://business.facebook.com/wa/manage/home/";

/// Where Meta verifies a business.
const BUSINESS_SETTINGS: &str = "https://business.facebook.com/settings/";

/// Codes of Meta's that say that a name is not approved, and that nobody pays (Cloud API: error codes).
const NAME_REFUSED: u32 = 131_037;
const UNPAID: [u32; 3] = [131_042, 131_044, 141_006];

pub(super) async fn steps(
    state: &AppState,
    viewer: &Viewer,
    senders: &[Sender],
    tasks: &[Task],
) -> Result<Vec<Step>, AppError> {
    let mut steps = vec![number(senders), payment(senders, tasks)];
    if !senders.is_empty() {
        steps.extend([name(senders, tasks), verification(senders, tasks)]);
        let templates = state.store().templates(&viewer.session.org).await?;
        steps.push(texts(&templates, viewer.organisation.language));
    }
    Ok(steps)
}

fn number(senders: &[Sender]) -> Step {
    let title = "Connect your WhatsApp Business number";
    match senders.iter().find(|sender| sender.status == SenderStatus::Ready).or(senders.first()) {
        None => Step::needed(title, "Reminders come from your own number, and customers answer you there.")
            .at("/connections", "Connect"),
        Some(sender) => match Advice::of_sender(sender) {
            None => Step::done(title, format!("{} is connected and ready to send.", sender.number.as_e164())),
            Some(Advice { cause, remedy }) => {
                Step::needed(title, format!("It is connected and cannot send yet. {cause} {remedy}"))
                    .at("/connections", "Look at the number")
            }
        },
    }
}

/// A payment method at Meta, as far as Meta says.
fn payment(senders: &[Sender], tasks: &[Task]) -> Step {
    let title = "Add a payment method at Meta";
    let is_unpaid = |sender: &Sender| sender.stopped_for.is_some_and(|code| UNPAID.contains(&code));
    if has_trouble(tasks, AccountTrouble::Payment) || senders.iter().any(is_unpaid) {
        let text = "Meta has no working way to be paid for messages, so that nothing goes out.";
        return Step::needed(title, text).at(MANAGER, "Open Meta’s manager");
    }
    if was_asked(senders) {
        return Step::done(title, "Meta was asked and says nothing against it.");
    }
    let when = if senders.is_empty() { "once a number is connected" } else { "within the hour" };
    let text = format!("You pay Meta for messages yourself. Numo asks Meta about it {when}.");
    Step::advised(title, text).at(MANAGER, "Open Meta’s manager")
}

/// The name that customers see.
fn name(senders: &[Sender], tasks: &[Task]) -> Step {
    let title = "Have your display name approved";
    let is_declined = |task: &Task| matches!(&task.about, TaskAbout::AccountNotice { notice, .. } if notice.what == NoticeKind::NameDeclined);
    if tasks.iter().any(is_declined) || senders.iter().any(|sender| sender.stopped_for == Some(NAME_REFUSED)) {
        let text = "WhatsApp did not approve the name that customers see. Choose another one.";
        return Step::needed(title, text).at(MANAGER, "Open Meta’s manager");
    }
    match senders.iter().find(|sender| !sender.verified_name.trim().is_empty()) {
        Some(sender) => Step::done(title, format!("Customers see “{}”.", sender.verified_name.trim())),
        None => Step::advised(title, "Meta told none yet. Look at it there.").at(MANAGER, "Open Meta’s manager"),
    }
}

/// Without it the account writes to few people a day, and all the same it writes.
fn verification(senders: &[Sender], tasks: &[Task]) -> Step {
    let title = "Have your business verified by Meta";
    if has_trouble(tasks, AccountTrouble::Verification) {
        let text = "Meta has not verified it, which keeps the number of people low whom you may write to in a day.";
        return Step::advised(title, text).at(BUSINESS_SETTINGS, "Open Meta’s settings");
    }
    match was_asked(senders) {
        true => Step::done(title, "Meta was asked and says nothing against it."),
        false => {
            Step::advised(title, "Numo asks Meta about it within the hour.").at(BUSINESS_SETTINGS, "Look yourself")
        }
    }
}

/// Texts of the organisation's language that Meta approved, or of Meta's library that were chosen.
fn texts(templates: &[AccountTemplate], language: Language) -> Step {
    let title = "Have the texts approved by Meta";
    let wanted: Vec<_> =
        texts_in(language).filter(|text| text.variant == Variant::Plain).map(|text| text.reference()).collect();
    let count = |status: TemplateStatus| {
        let stands = |template: &&AccountTemplate| template.status == status && wanted.contains(&template.template);
        templates.iter().filter(stands).count()
    };
    let (approved, refused) = (count(TemplateStatus::Approved), count(TemplateStatus::Unusable));
    let waiting = wanted.len().saturating_sub(approved + refused);
    let stand_ins =
        templates.iter().filter(|text| text.template.name.starts_with(LIBRARY_PREFIX) && text.is_approved()).count();
    let mut text = format!("{approved} of {} are approved.", wanted.len());
    if waiting > 0 {
        text.push_str(&format!(" {waiting} are looked at by Meta, which takes minutes, or a day."));
    }
    if refused > 0 {
        text.push_str(&format!(" {refused} may not be sent; another one of Numo’s stands in."));
    }
    if stand_ins > 0 {
        text.push_str(&format!(" {stand_ins} of Meta’s library stand in."));
    } else if approved < wanted.len() {
        text.push_str(" A text of Meta’s library needs no approval, and can stand in meanwhile.");
    }
    match (approved + stand_ins, approved == wanted.len()) {
        (_, true) => Step::done(title, text),
        (0, false) => Step::needed(title, text).at("/templates", "Look at the texts"),
        (_, false) => Step::advised(title, text).at("/templates", "Look at the texts"),
    }
}

fn has_trouble(tasks: &[Task], wanted: AccountTrouble) -> bool {
    tasks.iter().any(|task| matches!(&task.about, TaskAbout::WhatsappTrouble { trouble, .. } if *trouble == wanted))
}

/// Whether Meta was asked about a number since it was connected.
fn was_asked(senders: &[Sender]) -> bool {
    senders.iter().any(|sender| sender.looked_at.is_some())
}
