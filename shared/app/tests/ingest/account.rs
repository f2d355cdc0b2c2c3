//! News of an account: restrictions, bans, limits, texts and what a person should know.

use jiff::SignedDuration;
use numo_app::{
    delivery::{AccountNews, MarketingUpdate, News, NumberRef},
    port::whatsapp::SendAction,
    store::task::TaskAbout,
};
use numo_domain::{
    customer_file::MarketingChoice,
    notice::{Notice, NoticeKind},
    restriction::{Restriction, RestrictionKind},
    template::WhyUnusable,
};

use super::*;

fn news(news: News) -> Update {
    Update::News(AccountNews { waba: waba(), number: None, news })
}

/// News of one number, by its id or as it is displayed.
fn news_of(number: NumberRef, news: News) -> Update {
    Update::News(AccountNews { waba: waba(), number: Some(number), news })
}

fn restricted(kind: RestrictionKind, hours: Option<i64>) -> Restriction {
    Restriction { kind, until: hours.map(|hours| now() + SignedDuration::from_hours(hours)) }
}

impl Scene {
    async fn sender(&self) -> Sender {
        self.ports.store.senders(&org()).await.unwrap().remove(0)
    }

    async fn tasks(&self) -> Vec<TaskAbout> {
        self.ports.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect()
    }

    fn due(&self) -> Vec<String> {
        self.table.items().into_iter().map(|item| item.key.sk).filter(|sk| sk.starts_with("DUE")).collect()
    }

    /// How a text of the pack stands, which is kept.
    async fn known(&self, text: &AccountTemplate) {
        self.ports.store.save_template(&org(), &waba(), text, now()).await.unwrap();
    }

    async fn text(&self) -> AccountTemplate {
        self.ports.store.templates(&org()).await.unwrap().remove(0)
    }
}

fn text_unusable(why: WhyUnusable) -> TaskAbout {
    TaskAbout::TextUnusable {
        waba: waba(),
        template: template_for(Purpose::Upcoming, Language::English, Variant::Plain).reference(),
        why,
    }
}

#[tokio::test]
async fn a_restriction_that_concerns_reminders_stops_the_number_and_the_longest_one_is_kept() {
    let blocked = TaskAbout::SenderBlocked("phone".parse().unwrap());
    for kind in [RestrictionKind::BusinessInitiated, RestrictionKind::UtilityTemplates, RestrictionKind::Other] {
        let scene = scene().await;
        let (day, endless) = (restricted(kind, Some(24)), restricted(kind, None));
        let before = scene.sender().await;
        assert_eq!(scene.ingest(news(News::Restricted(day))).await.news, 1);
        let stopped = Sender { status: SenderStatus::Blocked, restriction: Some(day), ..before };
        assert_eq!(
            (scene.sender().await, scene.tasks().await, scene.due()),
            (stopped.clone(), vec![blocked.clone()], ["DUE#MAIL#OWNER", "DUE#PLAN#DAY"].map(String::from).to_vec()),
            "{kind:?}"
        );
        // Again, shorter, and over already: nothing changes.
        for told in [day, restricted(kind, Some(1)), restricted(kind, Some(-1))] {
            scene.ingest(news(News::Restricted(told))).await;
            assert_eq!(scene.sender().await, stopped);
        }
        scene.ingest(news(News::Restricted(endless))).await;
        assert_eq!(scene.sender().await.restriction, Some(endless));
    }
}

#[tokio::test]
async fn a_restriction_of_anything_else_is_a_notice_and_stops_nothing() {
    for (kind, expected) in [
        (RestrictionKind::CustomerInitiated, Some(NoticeKind::AnswersRestricted)),
        (RestrictionKind::AddingNumbers, Some(NoticeKind::NumbersRestricted)),
        (RestrictionKind::DirectSend, None),
    ] {
        let scene = scene().await;
        let before = scene.sender().await;
        scene.ingest(news(News::Restricted(restricted(kind, None)))).await;
        let told = expected.map(|what| TaskAbout::AccountNotice { waba: waba(), notice: Notice::of(what) });
        assert_eq!((scene.sender().await, scene.tasks().await), (before, told.into_iter().collect()), "{kind:?}");
    }
}

#[tokio::test]
async fn a_disabled_account_and_trouble_without_a_message_stop_the_number_until_meta_is_asked() {
    let trouble = |phone: &str, (code, asks_for)| {
        news_of(NumberRef::Id(phone.parse().unwrap()), News::Trouble { code, asks_for })
    };
    for (told, expected, stopped_for) in [
        (news(News::Disabled), SenderStatus::Blocked, None),
        (trouble("phone", (131_031, SendAction::StopSender)), SenderStatus::Blocked, Some(131_031)),
        (trouble("phone", (190, SendAction::Reconnect)), SenderStatus::ReauthRequired, Some(190)),
        (trouble("phone", (4, SendAction::Wait { retry_after: None })), SenderStatus::Ready, None),
        (trouble("somebody-elses", (131_031, SendAction::StopSender)), SenderStatus::Ready, None),
    ] {
        let scene = scene().await;
        let before = scene.sender().await;
        scene.ingest(told.clone()).await;
        // Not as after a refused message: Meta's own word lets it go on.
        assert_eq!(
            scene.sender().await,
            Sender { status: expected, stopped_at: None, stopped_for, ..before },
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn a_limit_is_kept_with_the_numbers_that_it_is_about() {
    let scene = scene().await;
    let told = |to: Option<&str>, per_day| match to {
        Some(to) => news_of(NumberRef::Displayed(number(to)), News::Limit { per_day }),
        None => news(News::Limit { per_day }),
    };
    assert_eq!(scene.ingest(told(None, Some(250))).await.news, 1);
    assert_eq!(scene.sender().await.daily_limit, Some(250));
    assert_eq!(scene.ingest(told(Some("+97145550199"), Some(2_000))).await.news, 0);
    assert_eq!(scene.ingest(told(Some("+97145550100"), Some(2_000))).await.news, 1);
    assert_eq!(scene.ingest(told(None, Some(2_000))).await.news, 0);
    assert_eq!((scene.sender().await.daily_limit, scene.due()), (Some(2_000), vec!["DUE#PLAN#DAY".to_owned()]));
}

#[tokio::test]
async fn what_a_person_should_know_is_one_task_however_often_it_is_told() {
    let scene = scene().await;
    let notice = Notice::with(NoticeKind::Violation, Some("SPAM".to_owned()));
    for _ in 0..2 {
        scene.ingest(news(News::Notice(notice.clone()))).await;
    }
    scene.ingest(news(News::Notice(Notice::of(NoticeKind::PinChanged)))).await;
    let task = |notice| TaskAbout::AccountNotice { waba: waba(), notice };
    assert_eq!(scene.tasks().await, [task(Notice::of(NoticeKind::PinChanged)), task(notice)]);
}

#[tokio::test]
async fn news_of_an_account_that_nobody_has_changes_nothing() {
    let scene = scene().await;
    let before = scene.table.items();
    let told = [
        News::Restricted(restricted(RestrictionKind::Other, None)),
        News::Disabled,
        News::Limit { per_day: Some(1) },
        News::Notice(Notice::of(NoticeKind::PinChanged)),
    ];
    for news in told {
        let update = Update::News(AccountNews { waba: "somebody-elses".parse().unwrap(), number: None, news });
        assert_eq!(scene.ingest(update).await, IngestReport::default());
    }
    assert_eq!(scene.table.items(), before);
}

#[tokio::test]
async fn a_text_that_is_not_used_any_more_is_a_task_that_says_why_and_what_allows_it_again_is_asked() {
    let text = template_for(Purpose::Upcoming, Language::English, Variant::Plain).reference();
    let asked = format!("DUE#ACCOUNT#{}", waba());
    for why in [
        WhyUnusable::Marketing,
        WhyUnusable::Rejected,
        WhyUnusable::Paused,
        WhyUnusable::Disabled,
        WhyUnusable::LimitExceeded,
        WhyUnusable::Locked,
        WhyUnusable::LowQuality,
    ] {
        let scene = scene().await;
        scene.known(&AccountTemplate::approved(text.clone())).await;
        let unusable = AccountTemplate::unusable(text.clone(), why);
        for _ in 0..2 {
            scene.ingest(Update::Template(unusable.clone())).await;
            // The approval may be older than what came before it.
            scene.ingest(Update::Template(AccountTemplate::approved(text.clone()))).await;
            assert_eq!((scene.text().await, scene.tasks().await), (unusable.clone(), vec![text_unusable(why)]));
            assert_eq!(scene.due(), [asked.as_str(), "DUE#MAIL#OWNER", "DUE#PLAN#DAY"]);
        }
        scene.ingest(Update::Template(AccountTemplate::unusable(text.clone(), WhyUnusable::Deleted))).await;
        assert_eq!(scene.tasks().await, []);
    }
}

#[tokio::test]
async fn a_choice_about_marketing_is_noted_and_moves_no_consent_in_either_direction() {
    let scene = scene().await;
    let choice = |minutes: i64, is_wanted| {
        let at = now() + SignedDuration::from_mins(minutes);
        let (phone_number_id, number) = ("phone".parse().unwrap(), Some(number("+971501234567")));
        Update::Marketing(MarketingUpdate {
            phone_number_id,
            number,
            user: None,
            choice: MarketingChoice { at, is_wanted },
        })
    };
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    for (minutes, is_wanted, kept) in [(5, true, true), (9, false, false), (5, true, false)] {
        assert_eq!(scene.ingest(choice(minutes, is_wanted)).await.choices, 1);
        let file = scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
        assert_eq!(file.marketing.map(|choice| choice.is_wanted), Some(kept));
        assert_eq!(file, CustomerFile { marketing: file.marketing, ..CustomerFile::default() });
    }
    assert_eq!(scene.ports.store.consents(&org()).await.unwrap(), consents);
}

#[tokio::test]
async fn an_end_of_the_access_or_a_move_of_the_phone_stops_the_numbers_and_is_asked_about_in_an_hour() {
    let blocked = TaskAbout::SenderBlocked("phone".parse().unwrap());
    for (told, status, tasks) in [
        (News::AccessEnded, SenderStatus::ReauthRequired, vec![TaskAbout::ReconnectWhatsapp(waba()), blocked.clone()]),
        (News::Offboarded, SenderStatus::Blocked, vec![blocked]),
    ] {
        let scene = scene().await;
        let before = scene.table.items();
        let foreign = AccountNews { waba: "somebody-elses".parse().unwrap(), number: None, news: told.clone() };
        assert_eq!(scene.ingest(Update::News(foreign)).await.news, 0);
        assert_eq!(scene.table.items(), before);
        for _ in 0..2 {
            assert_eq!(scene.ingest(news(told.clone())).await.news, 1);
        }
        let sender = scene.sender().await;
        assert_eq!((sender.status, sender.stopped_at, scene.tasks().await), (status, None, tasks), "{told:?}");
        let due = scene.table.items().into_iter().find(|item| item.key.sk.starts_with("DUE#ACCOUNT#")).unwrap();
        let at: Timestamp = due.body["at"].as_str().unwrap().parse().unwrap();
        assert_eq!(at, now() + SignedDuration::from_hours(1), "{told:?}");
    }
}
