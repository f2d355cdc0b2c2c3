//! A business in a browser, from the first sign-in to the end of its account: its admin, and a member beside them.

use numo_browser::driver::Browser;
use numo_e2e::journey::{self, SOON};
use numo_e2e::product::Product;
use numo_e2e::wait::{Look, until};
use serde_json::{Value, json};

use crate::harbour::LONG;
use crate::world::World;

/// Who signs in at the simulated Xero.
const XERO_USER: &str = "owner@palm.example";

const ORG: &str = "org_palm";

/// Souk Trading in Meta's window.
const PHONE: &str = "409871562345871";

/// What one person sees of the console.
struct Person {
    browser: Browser,
    console: String,
}

pub(crate) async fn a_business_does_everything_in_a_browser(world: &mut World) {
    let Some(admin) = Person::signed_in(world, "user_palm").await else { return };
    let product = world.product("user_palm");
    admin.connects_xero(world).await;
    admin.connects_whatsapp().await;
    admin.switches_on(&product).await;
    admin.approves_and_sees_statuses().await;
    let customer = admin.sees_a_stop(world, &product).await;
    let Some(member) = Person::signed_in(world, "user_court").await else { return };
    member.looks_on().await;
    admin.gives_up(world, &customer).await;
    let complaints = admin.browser.complaints(&admin.console).await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

impl Person {
    /// Goes to the console, and through Clerk's sign-in; `None` where there is no browser.
    async fn signed_in(world: &World, user: &str) -> Option<Self> {
        let browser = Browser::start().await?;
        let console = world.stack.state.console_url.trim_end_matches('/').to_owned();
        browser.open(&format!("{console}/sign-in")).await;
        browser.click(&format!("button[value={user}]")).await;
        let person = Self { browser, console };
        person.browser.reads("h1", "Home").await;
        Some(person)
    }

    async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.console)).await;
    }

    /// Opens a page again and again until it says something.
    async fn finds(&self, path: &str, words: &str) {
        until(words, LONG, async || {
            self.open(path).await;
            let text = self.text().await;
            Ok(if text.contains(words) { Look::Done(()) } else { Look::NotYet(text) })
        })
        .await
        .unwrap();
    }

    async fn text(&self) -> String {
        self.browser.run("return document.body.innerText;").await.as_str().unwrap().to_owned()
    }

    async fn connects_xero(&self, world: &World) {
        let name = world.simulator.add_xero_organisation(XERO_USER).await.unwrap();
        self.open("/connections").await;
        self.browser.click("a[href*='/oauth/xero']").await;
        self.browser.reads("h1", "Xero (simulated)").await;
        self.browser
            .run(&format!("const who = document.querySelector('select[name=sim_user]'); who.value = '{XERO_USER}'; who.form.submit();"))
            .await;
        self.browser.reads("h2", &name).await;
        self.browser.click("button[name=choice]:not([value=cancel])").await;
        self.browser.reads("h1", "Home").await;
        self.finds("/connections", &name).await;
        self.finds("/connections", "Last read").await;
    }

    async fn connects_whatsapp(&self) {
        self.open("/connect/whatsapp").await;
        self.browser.click("#attested").await;
        self.browser.click("[name=use][value=other]").await;
        self.browser.click("#begin").await;
        let button = format!("form:has(input[value=FINISH]):has(input[value=\"{PHONE}\"]) button");
        self.browser.in_the_other_window(async |window| window.click(&button).await).await;
        self.browser.says("notice", "WhatsApp is connected.").await;
    }

    /// The hours and steps are set so that something goes out whenever this runs.
    async fn switches_on(&self, product: &Product) {
        let mut draft = journey::policy();
        draft["state"] = json!("draft");
        draft["pay_link"] = json!(false);
        product.save_policy(&draft).await.unwrap();
        product.send_at_once().await.unwrap();
        until("the approval of the texts", SOON, async || {
            let texts = product.templates().await?;
            let open = texts.iter().filter(|text| text.status != "approved").count();
            let is_done = !texts.is_empty() && open == 0;
            Ok(if is_done { Look::Done(()) } else { Look::NotYet(format!("{open} of {}", texts.len())) })
        })
        .await
        .unwrap();
        self.open("/policies").await;
        self.browser.click("button[name=start][value=gently]").await;
        self.browser.reads(".notice", "Saved.").await;
        self.open("/policies").await;
        self.browser.click("button[name=state][value=active]").await;
        self.browser.reads(".notice", "The policy is on.").await;
    }

    async fn approves_and_sees_statuses(&self) {
        self.finds("/plan", "Approve all").await;
        self.browser.click("form[action='/plan/approve'] button").await;
        self.browser.reads(".notice", "The plan is approved.").await;
        self.finds("/reminders", "delivered").await;
    }

    /// A customer who got a reminder writes STOP; returns the address of their page.
    async fn sees_a_stop(&self, world: &World, product: &Product) -> String {
        let reminders = product.reminders().await.unwrap();
        let reminder = reminders.iter().find(|reminder| reminder.has_arrived()).unwrap();
        let messages = world.simulator.messages().await.unwrap();
        let message = messages.iter().find(|message| message.attempt.as_ref() == Some(&reminder.attempt)).unwrap();
        world.simulator.write(PHONE, &message.to, "STOP").await.unwrap();
        let address = format!("/customers/{}/{}", reminder.unit.connection, reminder.unit.contact);
        self.finds(&address, "Wants no reminders").await;
        address
    }

    /// Sees what the admin sees, decides nothing about what is sent or connected, and can stop everything.
    async fn looks_on(&self) {
        for (path, words, form) in [
            ("/plan", "to send", "form[action='/plan/approve']"),
            ("/connections", "Client", "a[href$='/end']"),
            ("/reminders", "Reminders", "form[action^='/reminders']"),
            ("/settings/ending", "What is deleted", "main form"),
        ] {
            self.open(path).await;
            self.browser.reads("main", words).await;
            let offered = format!("return document.querySelectorAll(\"{form}\").length;");
            assert_eq!(self.browser.run(&offered).await, json!(0), "{path}");
        }
        self.browser.click("button[value=pause]").await;
        self.browser.reads(".pause", "Everything is paused since").await;
        self.browser.click("button[value=resume]").await;
        self.browser.reads(".notice", "Reminders go on.").await;
    }

    /// Erases a customer, and ends the ledger, the WhatsApp number and the account, each by typing what it is.
    async fn gives_up(&self, world: &World, customer: &str) {
        self.open(&format!("{customer}/erasure")).await;
        let name = self.browser.run("return document.querySelector('form .hint').textContent;").await;
        self.types(name.as_str().unwrap()).await;
        let (connection, contact) = customer.trim_start_matches("/customers/").split_once('/').unwrap();
        is_gone(world, &format!("ORG#{ORG}#"), &format!("CONTACT#{connection}#{contact}")).await;
        for ended in ["accounting", "whatsapp"] {
            self.open("/connections").await;
            if ended == "accounting" {
                self.browser.click("#ledgers h3 a").await;
            }
            self.browser.click("main a[href$='/end']").await;
            let phrase = self.browser.run("return document.querySelector('label.ask strong').textContent;").await;
            self.types(phrase.as_str().unwrap()).await;
            self.browser.reads(".notice", "disconnected").await;
        }
        is_gone(world, &format!("VAULT#{ORG}#"), "GRANT#").await;
        self.open("/settings/ending").await;
        let phrase = self.browser.run("return document.querySelector('label.ask strong').textContent;").await;
        self.types(phrase.as_str().unwrap()).await;
        self.finds("/settings/ending", "The account is to end").await;
    }

    async fn types(&self, phrase: &str) {
        self.browser.write("input[name=confirm]", phrase).await;
        self.browser.click("main form button.danger").await;
    }
}

async fn is_gone(world: &World, partition: &str, begins: &str) {
    until("nothing is left", LONG, async || {
        let left: Vec<Value> = world.table.of_partition(partition, begins).await;
        Ok(if left.is_empty() { Look::Done(()) } else { Look::NotYet(format!("{} of {begins}", left.len())) })
    })
    .await
    .unwrap();
}
