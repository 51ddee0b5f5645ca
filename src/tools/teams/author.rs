//! Who wrote a message or is in a chat.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{ChatIdentitySet, ConversationMember, Recipient, Text};
use crate::policy::TenantPolicy;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::Review;
use crate::tools::text::TextRoom;

/// What wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::tools) enum AuthorKind {
    Person,
    Application,
    /// Teams itself tells what has happened.
    System,
}

impl AuthorKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

/// Names are what people and applications call themselves.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Author {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "AuthorKind::is_person")]
    kind: AuthorKind,
    /// Stands at what was written. It goes by the tenant of the account, and where only an address is known by its domain;
    /// of applications nobody knows.
    #[serde(skip)]
    pub(in crate::tools) origin: Origin,
}

/// Somebody in a chat.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools) struct Member {
    #[serde(flatten)]
    who: Author,
    /// Whether the account belongs to the user's organisation.
    origin: Origin,
}

impl Member {
    pub(in crate::tools) fn of(member: ConversationMember<'_>, review: &Review<'_>) -> Self {
        let origin = origin_of(&member, review.policy());
        let (name, address) = (line(member.display_name, review), line(member.email, review));
        Self { who: Author { name, address, kind: AuthorKind::Person, origin }, origin }
    }
}

impl Author {
    /// Without one, the system speaks.
    pub(in crate::tools) fn of(from: Option<ChatIdentitySet<'_>>, review: &Review<'_>) -> Self {
        let Some(ChatIdentitySet { application, user: person }) = from else { return Self::system() };
        match (person, application) {
            (Some(person), _) => Self {
                origin: Origin::of_identity(
                    person.user_identity_type.as_deref(),
                    person.tenant_id.as_deref(),
                    review.policy(),
                ),
                name: line(person.display_name, review),
                address: None,
                kind: AuthorKind::Person,
            },
            (None, Some(application)) => Self {
                name: line(application.display_name, review),
                address: None,
                kind: AuthorKind::Application,
                origin: Origin::Unknown,
            },
            (None, None) => Self::system(),
        }
    }

    /// As a hit of a search has them: like the sender of a mail.
    pub(in crate::tools) fn found(from: Recipient<'_>, review: &Review<'_>) -> Option<Self> {
        let Person { name, address } = Person::of(from, review.texts())?;
        Some(Self {
            origin: Origin::of(address.as_deref(), review.policy()),
            name: name.map(Cow::into_owned),
            address: address.map(Cow::into_owned),
            kind: AuthorKind::Person,
        })
    }

    /// In a hit, as other people are: with no more of the name than there is room for.
    pub(in crate::tools) fn within(self, room: &mut TextRoom) -> Self {
        let Self { name, address, kind, origin } = self;
        let person = Person { name: name.map(Cow::Owned), address: address.map(Cow::Owned) };
        let Person { name, address } = person.within(room).unwrap_or(Person { name: None, address: None });
        Self { name: name.map(Cow::into_owned), address: address.map(Cow::into_owned), kind, origin }
    }

    /// Of whom nothing is known.
    pub(in crate::tools) const fn unknown() -> Self {
        Self { name: None, address: None, kind: AuthorKind::Person, origin: Origin::Unknown }
    }

    const fn system() -> Self {
        Self { name: None, address: None, kind: AuthorKind::System, origin: Origin::Unknown }
    }
}

fn line(text: Option<Text<'_>>, review: &Review<'_>) -> Option<String> {
    review.line(text).map(Cow::into_owned)
}

/// Of a member of a chat. A guest is a member of the tenant's own, and comes from outside.
fn origin_of(member: &ConversationMember<'_>, policy: &TenantPolicy) -> Origin {
    if member.roles.iter().flatten().any(|role| **role == *"guest") {
        return Origin::External;
    }
    Origin::of_tenant(member.tenant_id.as_deref(), policy)
}
