//! Microsoft Teams: chats, teams, channels, and what is written in them.

mod channel_list;
mod channels;
mod chat_list;
mod chats;
mod dialogue;
mod draft;
pub(in crate::graph) mod found;
mod hostile;
mod member_list;
mod message;
mod messages;
mod organisation;
mod page;
mod page_size;
mod people;
mod picture;
mod posts;
mod refusal;
mod render;
mod roster;
mod route;
mod scribe;
mod talk;
mod visible;
mod window;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use self::message::Thread;
use self::organisation::{Organisation, Place};
use self::people::{Participant, People};
use self::posts::Board;
use self::refusal::TeamsRefusal;
use self::roster::{Chat, Circle};
use self::route::{Address, ChannelRoute, TeamRoute, TeamsRoute};
use self::talk::Talk;
use super::drive::Files;
use super::drive::attached::AttachedFile;
use super::drive::estate::{self, has_home};
use super::odata::query::Query;
use super::people::Person;
use super::refusal::Refusal;
use super::request::{Caller, GraphRequest, GraphResponse};
use super::respond::bytes;
use super::who::Who;
use super::{options, permissions, respond};
use crate::cache::Cache;
use crate::directory::{Directory, Tenant};

/// Circles kept at once in each of the cache's two generations; one is about 40 kB.
const KEPT_CIRCLES: usize = 64;
/// Tenants whose teams are kept in each of the cache's two generations.
const KEPT_ORGANISATIONS: usize = 32;
/// Messages kept in each of the cache's two generations; one is about a kilobyte.
const KEPT_MESSAGES: usize = 8_000;
/// Bytes of prepared answers kept in each of the cache's two generations.
const KEPT_ANSWERS: usize = 2 << 20;

/// The chats and channels of every tenant, generated when they are first read.
#[derive(Debug)]
pub(super) struct Conversations {
    directory: Arc<Directory>,
    seed: u64,
    newest: Timestamp,
    /// By tenant and place.
    circles: Cache<(Uuid, usize), Arc<Circle>>,
    organisations: Cache<Uuid, Arc<Organisation>>,
    /// By tenant and id of the chat or channel.
    threads: Cache<(Uuid, String), Arc<Thread>>,
    answers: Cache<Box<str>, Prepared>,
}

/// An answer without what is new in every request.
#[derive(Debug, Clone)]
struct Prepared {
    body: Bytes,
    /// Where the body is no JSON of Graph's.
    content_type: Option<&'static str>,
}

/// Who asks, for what, and how.
struct Asking<'a> {
    conversations: &'a Conversations,
    files: &'a Files,
    people: People<'a>,
    caller: Uuid,
    seat: usize,
    query: Query,
    request: &'a GraphRequest<'a>,
}

impl Conversations {
    /// The newest message of all lies shortly before `newest`.
    pub(super) fn new(directory: Arc<Directory>, seed: u64, newest: Timestamp) -> Self {
        Self {
            directory,
            seed,
            // Teams has no times finer than a millisecond.
            newest: Timestamp::from_second(newest.as_second()).unwrap_or(newest),
            circles: Cache::bounded(KEPT_CIRCLES),
            organisations: Cache::bounded(KEPT_ORGANISATIONS),
            threads: Cache::bounded(KEPT_MESSAGES),
            answers: Cache::bounded(KEPT_ANSWERS),
        }
    }

    /// Answers what is for Teams; nothing for every other path.
    pub(super) fn answer(
        &self,
        files: &Files,
        caller: &Caller,
        request: &GraphRequest<'_>,
    ) -> Option<GraphResponse> {
        let address = route::parse(request.path)?;
        let outcome = address
            .map_err(TeamsRefusal::from)
            .and_then(|address| self.read(files, caller, request, &address));
        Some(match outcome {
            Ok(prepared) => {
                let mut response = respond::success(prepared.body, request.client_request_id);
                if let Some(content_type) = prepared.content_type {
                    response.headers.retain(|(name, _)| *name != "content-type");
                    response.headers.push(("content-type", content_type.to_owned()));
                }
                response
            }
            Err(refusal) => refusal.response(request.client_request_id),
        })
    }

    fn read(
        &self,
        files: &Files,
        caller: &Caller,
        request: &GraphRequest<'_>,
        address: &Address,
    ) -> Result<Prepared, TeamsRefusal> {
        // What is permitted is the same for everybody who may have it: scopes are no part of the key.
        permissions::require(request.method, request.path, &caller.scopes)?;
        let key = key(caller, request);
        if let Some(prepared) = self.answers.get(key.as_str()) {
            return Ok(prepared);
        }
        let prepared = self.prepare(files, caller, request, address)?;
        let weight = key.len() + prepared.body.len();
        self.answers.insert(key.into_boxed_str(), prepared.clone(), weight);
        Ok(prepared)
    }

    fn prepare(
        &self,
        files: &Files,
        caller: &Caller,
        request: &GraphRequest<'_>,
        address: &Address,
    ) -> Result<Prepared, TeamsRefusal> {
        let nobody = || Refusal::UnknownPerson(caller.user.to_string());
        let tenant = &*self.directory.tenant_by_id(caller.tenant).ok_or_else(nobody)?;
        let seat = tenant.users.iter().position(|user| user.id == caller.user).ok_or_else(nobody)?;
        require_own(tenant, caller.user, address.owner.as_ref())?;
        let is_delta =
            matches!(&address.route, TeamsRoute::Team(_, TeamRoute::Channel(_, ChannelRoute::Delta)));
        let query =
            if is_delta { channels::without_delta_token(request.query) } else { request.query.to_owned() };
        let asking = Asking {
            conversations: self,
            files,
            people: self.people(tenant),
            caller: caller.user,
            seat,
            query: Query::parse(&query)?,
            request,
        };
        if let Some(option) = options::not_taken(request.path, &asking.query) {
            return Err(TeamsRefusal::from(option));
        }
        asking.route(&address.route)
    }

    pub(super) const fn people<'a>(&self, tenant: &'a Tenant) -> People<'a> {
        People { tenant, seed: self.seed }
    }

    /// A circle, generated where it is not at hand. Two threads that come at once generate the same.
    fn circle(&self, tenant: &Tenant, place: usize) -> Arc<Circle> {
        let key = (tenant.id, place);
        if let Some(circle) = self.circles.get(&key) {
            return circle;
        }
        let circle = Arc::new(Circle::of(self.people(tenant), place, self.newest));
        self.circles.insert(key, Arc::clone(&circle), 1);
        circle
    }

    fn organisation(&self, tenant: &Tenant, files: &Files) -> Arc<Organisation> {
        if let Some(organisation) = self.organisations.get(&tenant.id) {
            return organisation;
        }
        let organisation = Arc::new(Organisation::of(self.people(tenant), files, self.newest));
        self.organisations.insert(tenant.id, Arc::clone(&organisation), 1);
        organisation
    }

    /// The groups behind the teams that somebody is in.
    pub(super) fn groups_of(&self, tenant: &Tenant, files: &Files, seat: usize) -> Vec<Uuid> {
        let organisation = self.organisation(tenant, files);
        organisation.teams.iter().filter(|team| team.admits(seat)).map(|team| team.id).collect()
    }

    fn chat_thread(&self, tenant: &Tenant, files: &Files, chat: &Chat) -> Arc<Thread> {
        self.thread(tenant, &chat.id, || {
            let attachable = |who: Participant| attachable_of(tenant, files, who);
            Talk { people: self.people(tenant), files: &attachable }.thread(chat)
        })
    }

    fn channel_thread(
        &self,
        tenant: &Tenant,
        files: &Files,
        organisation: &Organisation,
        place: Place,
    ) -> Arc<Thread> {
        let channel = organisation.channel(place);
        self.thread(tenant, &channel.id, || {
            let seats = (0..tenant.users.len()).filter(|seat| organisation.admits(place, *seat));
            let site = organisation.teams[place.team].site;
            let board = Board {
                people: self.people(tenant),
                // A dozen is enough to write everything.
                members: seats.take(12).map(Participant::Member).collect(),
                files: files.attachable(tenant, estate::Place::Site(site)),
                is_busiest: place == (Place { team: 0, channel: 0 }),
            };
            board.thread(channel)
        })
    }

    fn thread(&self, tenant: &Tenant, id: &str, write: impl FnOnce() -> Thread) -> Arc<Thread> {
        let key = (tenant.id, id.to_owned());
        if let Some(thread) = self.threads.get(&key) {
            return thread;
        }
        let thread = Arc::new(write());
        self.threads.insert(key, Arc::clone(&thread), thread.messages.len().max(1));
        thread
    }
}

impl Asking<'_> {
    fn route(&self, route: &TeamsRoute) -> Result<Prepared, TeamsRefusal> {
        match route {
            TeamsRoute::Chats => self.chats(),
            TeamsRoute::Chat(id, route) => self.chat_route(id, route),
            TeamsRoute::JoinedTeams => Ok(self.joined_teams()),
            TeamsRoute::Team(id, route) => self.team_route(id, route),
        }
    }

    fn context(&self, what: &str) -> String {
        format!("{}/$metadata#{what}", self.request.base_url)
    }

    /// Whether the client understands members of enumerations that came later.
    fn shows_unknown(&self) -> bool {
        let is_it = |preference: &str| preference.trim().eq_ignore_ascii_case("include-unknown-enum-members");
        self.request.prefer.iter().any(|header| header.split(',').any(is_it))
    }

    /// The next page of this very list.
    fn next_link(&self, query: Option<String>) -> Option<String> {
        query.map(|query| format!("{}{}?{query}", self.request.base_url, self.request.path))
    }
}

impl Prepared {
    fn json(body: &impl serde::Serialize) -> Self {
        Self { body: bytes(body), content_type: None }
    }
}

/// Below `/users/{id}` everybody finds what is their own, and nothing else.
fn require_own(tenant: &Tenant, caller: Uuid, owner: Option<&Who>) -> Result<(), TeamsRefusal> {
    let Some(Who::Named(key)) = owner else { return Ok(()) };
    match Person::find(tenant, key) {
        Some(person) if person.id() == caller => Ok(()),
        _ => Err(TeamsRefusal::Forbidden),
    }
}

/// What somebody may attach; who has no drive here has nothing.
fn attachable_of(tenant: &Tenant, files: &Files, who: Participant) -> Vec<AttachedFile> {
    match who {
        Participant::Member(seat) if tenant.users.get(seat).is_some_and(has_home) => {
            files.attachable(tenant, estate::Place::Home(seat))
        }
        _ => Vec::new(),
    }
}

/// Everything that an answer depends on. Parts end in a line feed, which no part can hold.
fn key(caller: &Caller, request: &GraphRequest<'_>) -> String {
    let mut key = format!("{}{}\n", caller.tenant.simple(), caller.user.simple());
    for part in
        [request.base_url, request.path, request.query].into_iter().chain(request.prefer.iter().copied())
    {
        key.push_str(part);
        key.push('\n');
    }
    key
}
