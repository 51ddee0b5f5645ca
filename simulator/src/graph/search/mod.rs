//! Microsoft Search: `POST /search/query`.
//!
//! Every workload tells what of it can be found, as [documents](super::findable::Document) that the caller may read; here they are matched,
//! sorted, cut into pages and written as hits.

mod aggregation;
mod aggregation_filter;
mod fields;
mod hits;
mod person;
mod progress;
mod property;
mod range;
mod refusal;
mod request;
mod sort;
mod summary;

use std::sync::Arc;

pub(super) use self::progress::Progress;

use self::hits::Findings;
use self::refusal::SearchRefusal;
use self::request::SearchRequest;
use super::calendar::Agenda;
use super::drive::Reading;
use super::drive::scopes::FileScopes;
use super::findable::{Entity, Found};
use super::kql::{Kql, matches};
use super::mail::Mailbox;
use super::odata::query::Query;
use super::people::Person;
use super::{
    Caller, Graph, GraphMethod, GraphRequest, GraphResponse, MailboxKind, calendar, mail, permissions,
    respond, teams,
};
use crate::directory::{Tenant, User};

/// Refuses a search for a type that the scopes of a token do not open.
fn permit(entity: Entity, method: GraphMethod<'_>, granted: &[String]) -> Result<(), SearchRefusal> {
    let name = entity.name();
    permissions::require(method, &format!("/search/query#{name}"), granted)
        .map_err(|missing| SearchRefusal::Scopes { entity: name, missing })?;
    if entity == Entity::ExternalItem {
        return Err(SearchRefusal::NoConnection);
    }
    Ok(())
}

impl Graph {
    /// Answers a search; nothing for every other path.
    pub(super) fn search(&self, caller: &Caller, request: &GraphRequest<'_>) -> Option<GraphResponse> {
        if !request.path.trim_end_matches('/').eq_ignore_ascii_case("/search/query") {
            return None;
        }
        Some(self.search_answer(caller, request).unwrap_or_else(|refusal| {
            respond::error(refusal.status(), refusal.code(), &refusal.to_string(), request.client_request_id)
        }))
    }

    fn search_answer(
        &self,
        caller: &Caller,
        request: &GraphRequest<'_>,
    ) -> Result<GraphResponse, SearchRefusal> {
        let GraphMethod::Post(payload) = request.method else { return Err(SearchRefusal::Method) };
        let wanted = SearchRequest::parse(payload)?;
        for entity in &wanted.entities {
            permit(*entity, request.method, &caller.scopes)?;
        }
        let tenant = self.directory.tenant_by_id(caller.tenant);
        let tenant = &*tenant.ok_or(SearchRefusal::Stranger)?;
        let user = tenant.users.iter().find(|user| user.id == caller.user).ok_or(SearchRefusal::Stranger)?;
        if user.guest.is_some() && !wanted.entities[0].is_of_sharepoint() {
            return Err(SearchRefusal::Guest);
        }
        let kql = Kql::parse_query(&wanted.query, wanted.entities[0].vocabulary())?;
        self.progress.go_on(caller, &wanted)?;
        let body = self.find(tenant, user, caller, request, &wanted, &kql);
        Ok(respond::success(body.to_string().into(), request.client_request_id))
    }

    fn find(
        &self,
        tenant: &Tenant,
        user: &User,
        caller: &Caller,
        request: &GraphRequest<'_>,
        wanted: &SearchRequest,
        kql: &Kql,
    ) -> serde_json::Value {
        let (mailbox, agenda): (Arc<Mailbox>, Arc<Agenda>);
        let estate = self.files.estate(tenant);
        let reading = Reading {
            files: &self.files,
            tenant,
            estate: &estate,
            seat: estate.seat(user.id).unwrap_or(usize::MAX),
            scopes: FileScopes::of(&caller.scopes),
            recipient: caller.recipient(),
            query: Query::default(),
            request,
        };
        let mut found: Vec<Found<'_>> = match wanted.entities[0] {
            Entity::Message => {
                mailbox = self.mailbox(tenant, Person::User(user), MailboxKind::Primary);
                mail::documents(&mailbox)
            }
            Entity::Event => {
                agenda = self.agenda(tenant, Person::User(user));
                calendar::documents(&agenda)
            }
            Entity::ChatMessage => {
                let within = teams::found::within(&caller.scopes);
                let visible = self.conversations.messages_visible_to(&self.files, tenant, user.id, within);
                teams::found::documents(self.conversations.people(tenant), user.id, visible)
            }
            Entity::Person => person::documents(tenant),
            Entity::Acronym | Entity::Bookmark | Entity::Qna => Vec::new(),
            _ => reading.documents(&wanted.entities),
        };
        found.retain(|document| matches(kql, &**document));
        Findings { wanted, kql, found }.answer(request.base_url)
    }
}
