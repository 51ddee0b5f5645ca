//! People: profiles, the list of them, and their pictures.

mod listing;
mod membership;
mod photo;
mod profile;
mod reporting;
mod route;
mod schema;
mod search;

use bytes::Bytes;
use uuid::Uuid;

pub(super) use route::PeopleRoute;

use super::odata::query::Query;
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::request::GraphRequest;
use super::scopes::Scopes;
use super::who::Who;
use crate::directory::{SharedMailbox, Tenant, User};

/// Somebody with an address: a person or a shared mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) enum Person<'a> {
    User(&'a User),
    Shared(&'a SharedMailbox),
}

/// How much of a profile may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProfileAccess {
    Full,
    /// Names, address and id: what `User.ReadBasic.All` shows of others. The rest is null.
    Basic,
}

impl<'a> Person<'a> {
    /// Finds somebody of a tenant by object id or user principal name.
    pub(super) fn find(tenant: &'a Tenant, key: &str) -> Option<Self> {
        let named = |id: Uuid, upn: &str| {
            upn.eq_ignore_ascii_case(key) || Uuid::try_parse(key).is_ok_and(|key| key == id)
        };
        Self::all(tenant).find(|person| named(person.id(), person.principal_name()))
    }

    /// Everybody of a tenant: members, guests, then the shared mailbox, which the directory keeps as a user too.
    pub(super) fn all(tenant: &'a Tenant) -> impl Iterator<Item = Self> {
        tenant.users.iter().map(Self::User).chain([Self::Shared(&tenant.shared_mailbox)])
    }

    pub(super) const fn id(self) -> Uuid {
        match self {
            Self::User(user) => user.id,
            Self::Shared(shared) => shared.id,
        }
    }

    pub(super) fn name(self) -> &'a str {
        match self {
            Self::User(user) => &user.name,
            Self::Shared(shared) => &shared.name,
        }
    }

    pub(super) fn address(self) -> &'a str {
        match self {
            Self::User(user) => user.mail(),
            Self::Shared(shared) => &shared.upn,
        }
    }

    fn principal_name(self) -> &'a str {
        match self {
            Self::User(user) => &user.upn,
            Self::Shared(shared) => &shared.upn,
        }
    }
}

/// Gives the ids of the groups that the user at a seat is in.
type Groups<'a> = dyn Fn(usize) -> Vec<Uuid> + 'a;

/// A request for people, and who makes it.
pub(super) struct Asking<'a> {
    pub(super) tenant: &'a Tenant,
    /// Object id within `tenant`.
    pub(super) caller: Uuid,
    pub(super) scopes: Scopes,
    pub(super) query: Query,
    pub(super) request: &'a GraphRequest<'a>,
}

impl<'a> Asking<'a> {
    pub(super) fn answer(&self, route: &PeopleRoute, groups: &Groups<'_>) -> Result<Prepared, Refusal> {
        match route {
            PeopleRoute::List => self.list().map(Prepared::json),
            PeopleRoute::Count => self.count(),
            PeopleRoute::Profile(who) => self.profile(who).map(Prepared::json),
            PeopleRoute::Manager(who) => self.manager(who).map(Prepared::json),
            PeopleRoute::MemberOf(who) => self.member_of(who, groups).map(Prepared::json),
            PeopleRoute::Photo(who) => self.photo(self.pictured(who)?).map(Prepared::json),
            PeopleRoute::PhotoValue(who) => self.photo_value(self.pictured(who)?, photo::ORIGINAL),
            PeopleRoute::Photos(who) => self.photos(self.pictured(who)?).map(Prepared::json),
            PeopleRoute::PhotoOfSize(who, size) => {
                self.photo_of_size(self.pictured(who)?, size).map(Prepared::json)
            }
            PeopleRoute::PhotoOfSizeValue(who, size) => {
                self.photo_value(self.pictured(who)?, photo::size(size)?)
            }
            // `People.Read` opens these, which is no scope that anybody here can consent to.
            PeopleRoute::Suggestions => Err(Refusal::MailAccessDenied),
        }
    }

    /// Who is meant; what they were called where nobody is.
    fn named(&self, who: &Who) -> Result<Person<'a>, String> {
        let key = match who {
            Who::Me => self.caller.to_string(),
            Who::Named(key) => key.clone(),
        };
        Person::find(self.tenant, &key).ok_or(key)
    }

    fn profile(&self, who: &Who) -> Result<Bytes, Refusal> {
        let found = self.named(who);
        let is_own = found.as_ref().is_ok_and(|person| person.id() == self.caller);
        if !self.may_see(is_own) {
            return Err(Refusal::DirectoryAccessDenied);
        }
        self.entity(found.map_err(Refusal::UnknownPerson)?)
    }

    fn manager(&self, who: &Who) -> Result<Bytes, Refusal> {
        let person = self.named(who).map_err(Refusal::UnknownPerson)?;
        let nobody = || Refusal::UnknownPerson("manager".to_owned());
        self.directory_object(self.manager_of(person).ok_or_else(nobody)?)
    }

    /// Whose Exchange settings are asked for.
    pub(super) fn settings_of(&self, who: &Who) -> Result<Person<'a>, Refusal> {
        let person = self.named(who).map_err(Refusal::UnknownPerson)?;
        let is_guest = matches!(person, Person::User(user) if user.guest.is_some());
        if is_guest { Err(Refusal::NoMailbox) } else { Ok(person) }
    }

    fn access(&self, person: Person<'_>) -> ProfileAccess {
        let is_own = person.id() == self.caller;
        if self.scopes.whole_profiles() || (is_own && self.scopes.own_profile()) {
            ProfileAccess::Full
        } else {
            ProfileAccess::Basic
        }
    }

    /// Whose picture is asked for, where the scopes open it.
    fn pictured(&self, who: &Who) -> Result<Person<'a>, Refusal> {
        let found = self.named(who);
        let is_own = found.as_ref().is_ok_and(|person| person.id() == self.caller);
        if !self.may_see(is_own) {
            return Err(Refusal::MailAccessDenied);
        }
        found.map_err(Refusal::UnknownMailbox)
    }

    /// Whether the scopes show a profile and its picture at all.
    const fn may_see(&self, is_own: bool) -> bool {
        self.scopes.other_profiles() || (is_own && self.scopes.own_profile())
    }
}
