//! What is in an archive, and what is not.

use aws_lc_rs::digest::{SHA256, digest};
use numo_app::store::{activity::Actor, export::ExportState};

use crate::world::{World, customer, org};

/// Every file below its name.
fn listing(files: &std::collections::BTreeMap<String, String>, ending: &str) -> String {
    let wanted = files.iter().filter(|(name, _)| name.ends_with(ending));
    wanted.map(|(name, text)| format!("== {name}\n{}", text.replace("\r\n", "\n"))).collect()
}

#[tokio::test]
async fn everything_of_an_organisation_is_in_its_archive_once_as_lines_and_once_as_tables() {
    let world = World::new().await;
    world.made(1, None).await;
    let files = world.files(1, 1);
    insta::assert_snapshot!("everything_as_lines", listing(&files, ".jsonl"));
    insta::assert_snapshot!("everything_as_tables", listing(&files, ".csv"));
    insta::assert_snapshot!("readme", files["README.txt"]);
}

#[tokio::test]
async fn of_one_customer_there_is_what_names_them_and_nobody_else() {
    let world = World::new().await;
    world.made(1, Some(customer())).await;
    let files = world.files(1, 1);
    insta::assert_snapshot!("one_customer", listing(&files, ".jsonl"));
    assert!(!files.values().any(|text| text.contains("c-2") || text.contains("INV-2")));
}

#[tokio::test]
async fn no_archive_has_a_secret_or_anything_of_another_organisation() {
    let world = World::new().await;
    for (n, of) in [(1, None), (2, Some(customer()))] {
        world.made(n, of).await;
        let files = world.files(n, 1);
        assert!(files.len() > 20, "{}", files.len());
        for (name, text) in files {
            let found = ["hush", "Rival", "RIVAL"].into_iter().find_map(|word| text.find(word));
            let around = found.map(|place| &text[place.saturating_sub(60)..(place + 20).min(text.len())]);
            assert_eq!(around, None, "{name}");
        }
    }
}

#[tokio::test]
async fn an_export_tells_its_size_its_hash_its_lines_and_until_when_it_is_there_and_the_log_who_wanted_it() {
    let world = World::new().await;
    let export = world.made(1, None).await;
    let bytes = world.bucket.objects().into_values().next().unwrap();
    let hash: String = digest(&SHA256, &bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let made = export.archives.first().unwrap();
    assert_eq!((made.size, &made.sha256), (u64::try_from(bytes.len()).unwrap(), &hash));
    assert_eq!((export.items["invoices"], export.items["decisions"], export.items["members"]), (2, 2, 1));
    let goes_at = "2026-12-05T06:00:00Z".parse().unwrap();
    assert_eq!(export.state, ExportState::Ready { at: world.now(), goes_at });
    let lines = world.store().activity(&org(), 3).await.unwrap();
    let mut told: Vec<_> = lines.into_iter().map(|line| (line.activity.action, line.activity.actor)).collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("export.asked", Actor::User("user_ann".parse().unwrap())), ("export.made", Actor::Numo)];
    assert_eq!(told[..2], expected.map(|(action, actor)| (action.to_owned(), actor)));
    assert_eq!(world.job(1).await, None, "nothing is due any more");
}
