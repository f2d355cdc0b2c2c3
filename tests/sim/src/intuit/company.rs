use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::entity::Entity;
use crate::intuit::instants;

/// Marks a row that is broken on purpose; never served.
pub(crate) const MALFORMED: &str = "_sim_malformed";

/// A company in QuickBooks Online, also called a realm.
pub(crate) struct Company {
    pub(crate) key: String,
    pub(crate) realm: String,
    pub(crate) name: String,
    rows: BTreeMap<Entity, Vec<Value>>,
    /// Objects that only change data capture and webhooks still know.
    gone: Vec<Gone>,
    /// Customers whose one number is valid and nobody else's, by customer id.
    pub(crate) mobiles: BTreeMap<String, String>,
    pub(crate) subscription: Subscription,
    last_id: u64,
}

/// Whether the company pays for QuickBooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subscription {
    Active,
    Ended,
}

/// A deleted object.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) entity: Entity,
    pub(crate) id: String,
    pub(crate) at_ms: i64,
}

impl Company {
    pub(crate) fn new(key: &str, realm: &str, name: &str) -> Self {
        Self {
            key: key.to_owned(),
            realm: realm.to_owned(),
            name: name.to_owned(),
            rows: BTreeMap::new(),
            gone: Vec::new(),
            mobiles: BTreeMap::new(),
            subscription: Subscription::Active,
            last_id: 0,
        }
    }

    pub(crate) fn is(&self, realm_or_key: &str) -> bool {
        self.realm == realm_or_key || self.key == realm_or_key
    }

    pub(crate) fn rows(&self, entity: Entity) -> &[Value] {
        self.rows.get(&entity).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn rows_mut(&mut self, entity: Entity) -> &mut Vec<Value> {
        self.rows.entry(entity).or_default()
    }

    pub(crate) fn row(&self, entity: Entity, id: &str) -> Option<&Value> {
        self.rows(entity).iter().find(|row| row.at("Id") == id)
    }

    pub(crate) fn row_mut(&mut self, entity: Entity, id: &str) -> Option<&mut Value> {
        self.rows_mut(entity).iter_mut().find(|row| row.at("Id") == id)
    }

    /// The one row of `CompanyInfo` or `Preferences`.
    pub(crate) fn only(&self, entity: Entity) -> Value {
        self.rows(entity).first().cloned().unwrap_or_default()
    }

    pub(crate) fn gone(&self) -> &[Gone] {
        &self.gone
    }

    pub(crate) fn add_gone(&mut self, entity: Entity, id: &str, at_ms: i64) {
        self.gone.push(Gone { entity, id: id.to_owned(), at_ms });
    }

    /// Takes a row away; what is left of it is its id.
    pub(crate) fn remove(&mut self, entity: Entity, id: &str, at_ms: i64) -> Option<Value> {
        let rows = self.rows_mut(entity);
        let at = rows.iter().position(|row| row.at("Id") == id)?;
        let row = rows.remove(at);
        self.add_gone(entity, id, at_ms);
        Some(row)
    }

    /// A number that no row of this company has; other companies use the same ones.
    pub(crate) fn new_id(&mut self) -> String {
        if self.last_id == 0 {
            let held = self.rows.values().flatten().filter_map(|row| row.at("Id").as_str());
            let known = held.chain(self.gone.iter().map(|gone| gone.id.as_str()));
            self.last_id = known.filter_map(|id| id.parse().ok()).max().unwrap_or_default();
        }
        self.last_id += 1;
        self.last_id.to_string()
    }
}

/// Marks a row as changed now: a new time and the next sync token.
pub(crate) fn touch(row: &mut Value, now_ms: i64) {
    let held = row.at("SyncToken").as_str().and_then(|token| token.parse::<u64>().ok());
    row.put("SyncToken", json!(held.map_or(0, |token| token + 1).to_string()));
    if let Some(meta) = row.get_mut("MetaData") {
        meta.put("LastUpdatedTime", json!(instants::pacific(now_ms)));
    }
}

/// When a row was last changed.
pub(crate) fn updated_ms(row: &Value) -> Option<i64> {
    instants::parse(row.at("MetaData").at("LastUpdatedTime").as_str()?)
}

/// A row as it is served.
pub(crate) fn served(row: &Value) -> Value {
    let mut row = row.clone();
    if let Some(fields) = row.as_object_mut() {
        fields.remove(MALFORMED);
    }
    row
}
