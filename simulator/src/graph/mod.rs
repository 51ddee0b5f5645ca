//! The simulated Microsoft Graph, as a function of who asks and what is asked; of what was asked before only how far searches
//! have come is remembered.
//!
//! Nothing here knows HTTP servers or sockets; mail and calendars are generated from the seed, around a fixed time.

mod address;
mod calendar;
mod canary;
mod drive;
mod exchange_page;
mod findable;
mod kql;
mod mail;
mod mail_tips;
mod meetings;
mod odata;
mod options;
mod people;
mod permissions;
mod picture;
mod policy;
mod prepared;
mod refusal;
mod request;
mod respond;
mod route;
mod scopes;
mod search;
mod seats;
mod segment;
mod site;
mod site_plan;
mod site_route;
mod spellings;
mod teams;
mod translation;
mod who;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cache::Cache;
use crate::directory::{Directory, Tenant};

pub use canary::{canary, mailbox_token};
pub use drive::{Clock, DownloadDoor, DownloadRequest, Recipient};
pub use mail::{MailboxKind, mailbox_id};
pub use policy::{TenantPolicy, Transcripts};
pub use request::{Caller, GraphMethod, GraphRequest, GraphResponse, Payload};
pub use respond::{error, success};

use calendar::{Agenda, Asking};
use mail::access::{Opened, Reach};
use mail::export::ExportRoute;
use mail::route::MailRoute;
use mail::{Mailbox, Preferences, Reading};
use odata::query::Query;
use people::Person;
pub(crate) use permissions::is_permission;
use policy::TenantPolicies;
use prepared::{Outcome, Prepared, key};
use refusal::Refusal;
use route::Route;
use scopes::{MailAccess, Scopes};

/// Mailboxes kept at once in each of the cache's two generations; one is about half a megabyte.
const KEPT_MAILBOXES: usize = 16;
/// Agendas (all calendars of one owner) kept at once in each of the cache's two generations; one is about 200 kB.
const KEPT_AGENDAS: usize = 16;
/// Bytes of prepared answers kept in each of the cache's two generations.
const KEPT_ANSWERS: usize = 6 << 20;

/// The simulated Graph. Shared between threads; mail is generated when a mailbox is first read.
#[derive(Debug)]
pub struct Graph {
    directory: Arc<Directory>,
    seed: u64,
    newest: Timestamp,
    /// By tenant and the mailbox's own id.
    mailboxes: Cache<(Uuid, Uuid), Arc<Mailbox>>,
    /// By tenant and owner.
    agendas: Cache<(Uuid, Uuid), Arc<Agenda>>,
    /// By everything that an answer depends on.
    answers: Cache<Box<str>, Prepared>,
    files: drive::Files,
    conversations: teams::Conversations,
    policies: TenantPolicies,
    /// How far the searches that must begin at 0 have come.
    progress: search::Progress,
}

impl Graph {
    /// A Graph over `directory`. The newest mail of every mailbox lies shortly before `newest`.
    pub fn new(directory: Arc<Directory>, seed: u64, newest: Timestamp) -> Self {
        Self {
            files: drive::Files::new(Arc::clone(&directory), seed, newest),
            conversations: teams::Conversations::new(Arc::clone(&directory), seed, newest),
            directory,
            seed,
            newest,
            mailboxes: Cache::bounded(KEPT_MAILBOXES),
            agendas: Cache::bounded(KEPT_AGENDAS),
            answers: Cache::bounded(KEPT_ANSWERS),
            policies: TenantPolicies::default(),
            progress: search::Progress::new(),
        }
    }

    /// The same Graph, with files fetched at `door`.
    #[must_use]
    pub fn with_downloads(mut self, door: DownloadDoor) -> Self {
        self.files.open_downloads(door);
        self
    }

    /// What the administrator of a tenant allows.
    pub fn policy(&self, tenant: Uuid) -> TenantPolicy {
        self.policies.get(tenant)
    }

    /// Switches what the administrator of a tenant allows. The next request meets it.
    pub fn set_policy(&self, tenant: Uuid, policy: TenantPolicy) {
        self.policies.set(tenant, policy);
    }

    /// Whether a user has a licence for Microsoft 365 Copilot.
    pub fn is_licensed(&self, tenant: Uuid, user: Uuid) -> bool {
        self.policies.of_user(tenant, user).copilot_licensed
    }

    /// Gives a user the licence that their tenant has, or takes it away.
    pub fn set_licensed(&self, tenant: Uuid, user: Uuid, licensed: bool) {
        self.policies.set_licensed(tenant, user, licensed);
    }

    /// Whose primary mailbox that id means in the caller's tenant; nobody's where it means none.
    pub(crate) fn owner_of_mailbox(&self, caller: &Caller, id: &str) -> Option<Uuid> {
        mail::export::owner(&*self.directory.tenant_by_id(caller.tenant)?, caller.user, id)
    }

    /// Whom the address of a file was given to; nobody where it opens nothing.
    pub fn recipient(&self, request: DownloadRequest<'_>) -> Option<Recipient> {
        self.files.recipient(request)
    }

    /// Answers a request to the download host. Never panics, whatever is asked.
    pub fn download(&self, request: DownloadRequest<'_>) -> GraphResponse {
        self.files.download(request)
    }

    /// Answers one request. Never panics, whatever is asked.
    pub fn answer(&self, caller: &Caller, request: &GraphRequest<'_>) -> GraphResponse {
        if request.method == GraphMethod::Get
            && let Some(response) = self
                .files
                .answer(caller, request)
                .or_else(|| self.conversations.answer(&self.files, caller, request))
        {
            return response;
        }
        if let Some(response) = self.search(caller, request) {
            return response;
        }
        let key = key(caller, self.policies.of_user(caller.tenant, caller.user), request);
        let prepared = match self.answers.get(key.as_str()) {
            Some(prepared) => prepared,
            None => match self.prepare(caller, request) {
                Ok(Outcome::Elsewhere(location)) => return drive::redirected(location, request),
                Ok(Outcome::Lasting(prepared)) => {
                    let weight = key.len() + prepared.body.len();
                    self.answers.insert(key.into_boxed_str(), prepared.clone(), weight);
                    prepared
                }
                Err(refusal) => return refused(&refusal, request.client_request_id),
            },
        };
        let mut response = respond::success(prepared.body, request.client_request_id);
        if let Some(applied) = prepared.applied {
            response.headers.push(("preference-applied", applied.to_string()));
        }
        if let Some(content_type) = prepared.content_type {
            response.headers.retain(|(name, _)| *name != "content-type");
            response.headers.push(("content-type", content_type.to_owned()));
        }
        response
    }

    fn prepare(&self, caller: &Caller, request: &GraphRequest<'_>) -> Result<Outcome, Refusal> {
        let route = match (route::parse(request.path), request.method) {
            (Ok(route), method) if route.is_action() == (method != GraphMethod::Get) => route,
            (Err(refusal), GraphMethod::Get) => return Err(refusal),
            _ => return Err(Refusal::MethodNotAllowed),
        };
        permissions::require(request.method, request.path, &caller.scopes)
            .map_err(|missing| route.closed(missing))?;
        let scopes = Scopes::of(&caller.scopes);
        let query = Query::parse(request.query)?;
        if let Some(option) = options::not_taken(request.path, &query) {
            return Err(route.untaken(option));
        }
        let tenant = &*self
            .directory
            .tenant_by_id(caller.tenant)
            .ok_or_else(|| Refusal::UnknownPerson(caller.user.to_string()))?;
        let prepared = match route {
            Route::Meeting(who, route) => {
                let asking = meetings::Asking {
                    tenant,
                    caller: caller.user,
                    policy: self.policies.of_user(tenant.id, caller.user),
                    query,
                    request,
                    seed: self.seed,
                    now: self.newest,
                };
                match asking.answer(&who, &route, &|person| self.agenda(tenant, person))? {
                    meetings::Answer::Here(prepared) => prepared,
                    meetings::Answer::Video(recording) => {
                        let address =
                            self.files.video_address(caller.recipient(), recording, request.base_url);
                        return Ok(Outcome::Elsewhere(address));
                    }
                }
            }
            Route::People(route) => {
                let groups = |seat| self.conversations.groups_of(tenant, &self.files, seat);
                let asking = people::Asking { tenant, caller: caller.user, scopes, query, request };
                asking.answer(&route, &groups)?
            }
            Route::Mail(who, route) => {
                let opened = mail::access::open(tenant, caller.user, scopes, &who)?;
                self.read_mail(tenant, opened, query, &route, request)?
            }
            Route::Translation(who) => self.translate(tenant, caller.user, &who, request)?,
            Route::MailTips(who) => mail_tips::answer(tenant, caller.user, &who, request)?,
            Route::Export(id, route) => self.export(tenant, caller, query, (&id, &route), request)?,
            Route::ExchangeSettings(who) => {
                let asking = people::Asking { tenant, caller: caller.user, scopes, query, request };
                let body = mail::export::settings(tenant, asking.settings_of(&who)?, request.base_url);
                Prepared::json(body)
            }
            Route::Calendar(who, route) => {
                let asking = Asking { tenant, caller: caller.user, scopes, query, request, now: self.newest };
                let answer = asking.answer(&who, &route, &|person| self.agenda(tenant, person))?;
                let applied = answer.applied.map(Arc::from);
                Prepared { body: answer.body, applied, content_type: answer.content_type }
            }
        };
        Ok(Outcome::Lasting(prepared))
    }

    fn read_mail(
        &self,
        tenant: &Tenant,
        opened: Opened<'_>,
        query: Query,
        route: &MailRoute,
        request: &GraphRequest<'_>,
    ) -> Result<Prepared, Refusal> {
        let preferences = Preferences::parse(&request.prefer);
        let mailbox = self.mailbox(tenant, opened.person, MailboxKind::Primary);
        let reading = Reading {
            mailbox: &mailbox,
            owner: opened.person.id(),
            access: opened.access,
            reach: opened.reach,
            preferences,
            query,
            base_url: request.base_url,
            path: request.path,
        };
        let (body, content_type) = reading.answer(route)?;
        Ok(Prepared { body, applied: preferences.applied().map(Arc::from), content_type })
    }

    fn export(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        query: Query,
        (id, route): (&str, &ExportRoute),
        request: &GraphRequest<'_>,
    ) -> Result<Prepared, Refusal> {
        let own = caller.user.to_string();
        let person = Person::find(tenant, &own).ok_or(Refusal::MailAccessDenied)?;
        let kind = mail::export::find(tenant, person, id)?;
        let preferences = Preferences::parse(&request.prefer);
        let reading = Reading {
            mailbox: &self.mailbox(tenant, person, kind),
            owner: person.id(),
            access: MailAccess::Basic,
            reach: Reach::Whole,
            preferences,
            query,
            base_url: request.base_url,
            path: request.path,
        };
        let body = reading.export(id, route)?;
        Ok(Prepared { applied: preferences.applied().map(Arc::from), ..Prepared::json(body) })
    }

    /// A mailbox, generated where it is not at hand. Two threads that come at once generate the same.
    fn mailbox(&self, tenant: &Tenant, person: Person<'_>, kind: MailboxKind) -> Arc<Mailbox> {
        let key = (tenant.id, mail::export::guid(tenant.id, person.id(), kind));
        if let Some(mailbox) = self.mailboxes.get(&key) {
            return mailbox;
        }
        let owner = mail::Owner { id: person.id(), name: person.name(), address: person.address(), kind };
        let mailbox = Arc::new(mail::mailbox(tenant, owner, self.seed, self.newest));
        self.mailboxes.insert(key, Arc::clone(&mailbox), 1);
        mailbox
    }

    /// The calendars of somebody, generated where they are not at hand.
    fn agenda(&self, tenant: &Tenant, person: Person<'_>) -> Arc<Agenda> {
        let key = (tenant.id, person.id());
        if let Some(agenda) = self.agendas.get(&key) {
            return agenda;
        }
        let agenda = Arc::new(calendar::agenda(tenant, person, self.seed, self.newest));
        self.agendas.insert(key, Arc::clone(&agenda), 1);
        agenda
    }
}

fn refused(refusal: &Refusal, client_request_id: Option<&str>) -> GraphResponse {
    let codes = (refusal.code(), refusal.inner_code());
    respond::error_within(refusal.status(), codes, &refusal.to_string(), client_request_id)
}
