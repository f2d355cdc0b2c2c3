//! A year of a small business in Dubai, day by day: who was written to, and why everybody else was not.
//!
//! `cargo run -p numo-domain --example year` prints one line per week and then the stories of its customers.
//! The year is always the same.
#![expect(clippy::unwrap_used, reason = "an example that fails is an example that is wrong")]

mod business;
mod dice;
mod events;
mod habits;
mod replay;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};
use numo_domain::{
    contact::ContactRef,
    plan::decision::Plan,
    policy::{
        Approval, Policy, PolicyState,
        audience::Policies,
        presets::Preset,
        repeat::{Every, Repeat},
    },
};

use crate::{
    business::{Business, Customer, NewInvoice, customer_ref, organisation},
    habits::Habit,
    replay::World,
};

const FROM: Date = date(2026, 1, 1);
const TO: Date = date(2026, 12, 31);

/// What is told of a day: the reasons of one customer, or what happened.
type Stories = BTreeMap<ContactRef, Vec<(Date, String)>>;

fn main() -> io::Result<()> {
    let mut world = World::new(business(), 2026);
    let mut weeks: BTreeMap<Date, Week> = BTreeMap::new();
    let mut stories = Stories::new();
    world.live(FROM, TO, "10:00".parse().unwrap(), |_, plan| {
        weeks.entry(monday(plan.date)).or_default().count(plan);
        for decision in &plan.decisions {
            let story = stories.entry(decision.unit.contact.clone()).or_default();
            let arrow = if decision.send().is_some() { "-> " } else { "   " };
            story.push((plan.date, format!("{arrow}{}", decision.sentence(plan.date))));
        }
        plan.date
    });
    let mut out = io::stdout().lock();
    writeln!(out, "week of     sends  silent, by the first reason")?;
    for (monday, week) in &weeks {
        writeln!(out, "{monday}  {:>5}  {}", week.sends, week.silent())?;
    }
    for (place, customer) in world.business.customers.iter().enumerate() {
        writeln!(out, "\n{} ({:?})", customer.name, customer.habit)?;
        tell(&mut out, &world, &stories, &customer_ref(place))?;
    }
    Ok(())
}

/// Decisions of a week.
#[derive(Default)]
struct Week {
    sends: usize,
    silent: BTreeMap<&'static str, usize>,
}

impl Week {
    fn count(&mut self, plan: &Plan) {
        self.sends += plan.sends();
        for first in plan.decisions.iter().filter_map(|decision| decision.reasons().first()) {
            *self.silent.entry(first.code.code()).or_default() += 1;
        }
    }

    fn silent(&self) -> String {
        let told: Vec<String> = self.silent.iter().map(|(code, n)| format!("{code} {n}")).collect();
        told.join(", ")
    }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

/// What happened to a customer and what was decided; days on which nothing changed are told once.
fn tell(out: &mut impl Write, world: &World, stories: &Stories, who: &ContactRef) -> io::Result<()> {
    let happened = world.notes.iter().filter(|(_, whom, _)| whom == who);
    let mut lines: Vec<(Date, String)> = happened.map(|(day, _, what)| (*day, format!(" * {what}"))).collect();
    let mut last = None;
    for (day, decided) in stories.get(who).into_iter().flatten() {
        if last != Some(decided) {
            lines.push((*day, decided.clone()));
        }
        last = Some(decided);
    }
    lines.sort_by_key(|(day, _)| *day);
    for (day, line) in lines {
        writeln!(out, "  {day} {line}")?;
    }
    Ok(())
}

/// A customer of every habit, invoiced every month and due after 30 days; two invoices are old on the first day.
fn business() -> Business {
    let names = [
        "Al Noor Trading",
        "Bright Kitchens",
        "Creek Marine",
        "Desert Rose Cafe",
        "Emaar Printing",
        "Falcon Logistics",
        "Gulf Interiors",
        "Harbour Foods",
        "Iris Clinics",
        "Jumeirah Motors",
        "Karama Textiles",
        "Liwa Gardens",
    ];
    let customers: Vec<Customer> = names
        .iter()
        .zip(Habit::ALL)
        .zip(1..)
        .map(|((name, habit), n)| Customer { name: (*name).to_owned(), number: format!("+9715010000{n:02}"), habit })
        .collect();
    let currency = "AED".parse().unwrap();
    let invoice = |day, customer, due| NewInvoice { day, customer, due, currency };
    let mut invoices = Vec::new();
    for place in 0..customers.len() {
        for month in 0..12 {
            let issued = FROM.saturating_add(jiff::Span::new().months(month));
            let issued = issued.saturating_add(i64::try_from(place).unwrap().days());
            // A quarter of the year is enough of those who pay badly.
            if month % 3 == 0 || place < 3 {
                invoices.push(invoice(issued, place, issued.saturating_add(30.days())));
            }
        }
    }
    invoices.extend([invoice(FROM, 1, date(2025, 11, 10)), invoice(FROM, 6, date(2025, 12, 20))]);
    let policy = Policy {
        state: PolicyState::Active,
        approval: Approval::Automatic,
        repeat: Some(Repeat { every: Every::Days(14), at_most: 2 }),
        ..Preset::Standard.policy("AE".parse().ok(), Timestamp::UNIX_EPOCH)
    };
    let policies = Policies { organisation_default: policy, others: Vec::new() };
    Business { organisation: organisation("Asia/Dubai"), policies, customers, invoices }
}
