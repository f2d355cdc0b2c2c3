//! Customers of the connected ledgers.

use std::collections::BTreeMap;

use axum::{Json, Router, extract::State, routing::get};
use jiff::civil::Date;
use numo_app::{
    edit_customer::{CustomerEdit, edit_customer},
    error::AppError,
    port::session::Role,
    store::{Store, expected::Subject},
};
use numo_domain::{
    contact::{Contact, ContactRef, ContactStatus},
    credit::{Bill, Credit, CreditKind},
    customer_file::CustomerFile,
    id::{ConnectionId, ExternalId, OrgId},
    language::Language,
    money::{Currency, Money},
    policy::audience::balances,
};
use serde::Serialize;

use crate::{
    api::customer_query::CustomerQuery,
    auth::Signed,
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
    view::{money::MoneyView, number::RecipientNumberView},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers", get(list)).route("/customers/{connection}/{contact}/file", get(file).post(edit))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CustomerView {
    connection: ConnectionId,
    contact: ExternalId,
    name: String,
    status: ContactStatus,
    /// The ledger's own groups that the customer is in, which a policy can be for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(flatten)]
    number: RecipientNumberView,
    unallocated: Vec<UnallocatedView>,
    open_bills: Vec<MoneyView>,
}

/// Money or credit of a customer that the ledger has not put against an invoice.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct UnallocatedView {
    kind: CreditKind,
    number: String,
    date: Option<Date>,
    remaining: MoneyView,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct CustomersView {
    customers: Vec<CustomerView>,
    /// Where the next part begins; none at the end. A part of what was searched for may have fewer than asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The customers of all ledgers, or those that a query asks for.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/customers", params(crate::paging::PartQuery, crate::api::customer_query::DescribedQuery), responses((status = 200, body = CustomersView)))
)]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<CustomersView>, Failure> {
    let (store, org, query) = (state.store(), &session.org, CustomerQuery::read(paged.rest())?);
    let filter = format!("{query:?}");
    let part = paged.part_of(org, &filter)?;
    let contacts = match query.is_all() {
        true => store.contacts_part(org, &part).await?,
        false => store.contacts_found(org, &part, |contact| query.wants(contact)).await?,
    };
    let refs: Vec<ContactRef> = contacts.values.iter().map(|contact| contact.at.clone()).collect();
    let mut unallocated = by_contact(store.open_credits_between(org, &refs).await?);
    let mut bills = totals(store.open_bills_between(org, &refs).await?)?;
    let shown = contacts.map(|contact| {
        let (credits, bills) = (unallocated.remove(&contact.at), bills.remove(&contact.at));
        CustomerView::new(contact, credits.unwrap_or_default(), bills.unwrap_or_default())
    });
    Ok(Json(CustomersView { customers: shown.values, next_cursor: paged.next(org, &filter, shown.next) }))
}

fn by_contact(credits: Vec<Credit>) -> BTreeMap<ContactRef, Vec<UnallocatedView>> {
    let mut of_contacts: BTreeMap<ContactRef, Vec<UnallocatedView>> = BTreeMap::new();
    for credit in credits {
        let Credit { kind, contact, number, date, remaining, .. } = credit;
        let view = UnallocatedView { kind, number, date, remaining: remaining.into() };
        of_contacts.entry(contact).or_default().push(view);
    }
    of_contacts
}

/// What we owe to each contact in each currency.
fn totals(bills: Vec<Bill>) -> Result<BTreeMap<ContactRef, BTreeMap<Currency, Money>>, AppError> {
    let mut of_contacts: BTreeMap<ContactRef, BTreeMap<Currency, Money>> = BTreeMap::new();
    for Bill { contact, remaining, .. } in bills {
        let of_contact = of_contacts.entry(contact).or_default();
        let sum = of_contact.entry(remaining.currency).or_insert(Money::zero(remaining.currency));
        *sum = sum.checked_add(remaining).map_err(|error| AppError::Internal(format!("open bills: {error}")))?;
    }
    Ok(of_contacts)
}

/// What people decided about a customer and what the customer said.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/customers/{connection}/{contact}/file",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        responses((status = 200, body = FileView)),
    )
)]
async fn file(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Result<Tagged<FileView>, Failure> {
    let contact = ContactRef { connection, contact };
    let (store, org) = (state.store(), &session.org);
    let Some(known) = store.contacts_by_ref(org, std::slice::from_ref(&contact)).await?.pop() else {
        return Err(Failure::not_found("customer"));
    };
    let (file, revision) = store.revised_customer_file(org, &contact).await?;
    let suggested_language = match file.heard_in {
        Some(_) => file.suggested_language(language_in_use(store, org, &known.value, &file).await?),
        None => None,
    };
    Ok(Tagged::new(revision, FileView { file, suggested_language }))
}

/// What people decided about a customer, what the customer said, and what follows for the owner to decide.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct FileView {
    #[serde(flatten)]
    file: CustomerFile,
    /// The customer writes in this language, and is written to in another.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_language: Option<Language>,
}

/// The language of the customer, of the policy that applies, or of the organisation.
pub(crate) async fn language_in_use(
    store: &Store,
    org: &OrgId,
    contact: &Contact,
    file: &CustomerFile,
) -> Result<Language, AppError> {
    if let Some(language) = file.language {
        return Ok(language);
    }
    let open = store.open_invoices_of(org, &contact.at).await?;
    let policies = store.policies(org).await?;
    match policies.for_contact(contact, file.policy.as_ref(), || balances(&open)).language {
        Some(language) => Ok(language),
        None => Ok(store.organisation(org).await?.language),
    }
}

/// One decision about a customer; every member may snooze, note and withdraw promises, open and close disputes, and the
/// rest is for admins.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/customers/{connection}/{contact}/file",
        params(("connection" = ConnectionId, Path), ("contact" = ExternalId, Path)),
        request_body = CustomerEdit,
        responses((status = 200, body = FileView)),
    )
)]
async fn edit(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    if_match: IfMatch,
    JsonBody(edit): JsonBody<CustomerEdit>,
) -> Result<Tagged<FileView>, Failure> {
    if session.role != Role::Admin && !edit.is_for_members() {
        return Err(AppError::Forbidden.into());
    }
    let contact = ContactRef { connection, contact };
    let waker = if_match.waker(&state, &session.org, Subject::CustomerFile(&contact));
    edit_customer(&waker, &session.org, &session.user, &contact, &edit, state.now()).await?;
    let ContactRef { connection, contact } = contact;
    file(Signed(session), State(state), PathOf((connection, contact))).await
}

impl CustomerView {
    fn new(contact: Contact, unallocated: Vec<UnallocatedView>, bills: BTreeMap<Currency, Money>) -> Self {
        let number = RecipientNumberView::new(&contact);
        Self {
            connection: contact.at.connection,
            contact: contact.at.contact,
            name: contact.name,
            status: contact.status,
            groups: contact.groups,
            number,
            unallocated,
            open_bills: bills.into_values().map(MoneyView::from).collect(),
        }
    }
}
