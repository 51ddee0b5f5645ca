//! Who wrote a message or is in a chat.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{ChatIdentitySet, ConversationMember, Recipient, Text};
use crate::policy::TenantPolicy;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::Review;

/// What wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// Names are what people and applications call themselves. `origin` goes by the tenant of the account, and where only
/// an address is known by its domain; of applications nobody knows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Author {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "AuthorKind::is_person")]
    kind: AuthorKind,
    origin: Origin,
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
                name: clean(person.display_name, review),
                address: None,
                kind: AuthorKind::Person,
            },
            (None, Some(application)) => Self {
                name: clean(application.display_name, review),
                address: None,
                kind: AuthorKind::Application,
                origin: Origin::Unknown,
            },
            (None, None) => Self::system(),
        }
    }

    pub(in crate::tools) fn member(member: ConversationMember<'_>, review: &Review<'_>) -> Self {
        Self {
            origin: origin_of(&member, review.policy()),
            name: clean(member.display_name, review),
            address: clean(member.email, review),
            kind: AuthorKind::Person,
        }
    }

    /// As a hit of a search has them: like the sender of a mail.
    pub(in crate::tools) fn found(from: Recipient<'_>, review: &Review<'_>) -> Option<Self> {
        let Person { name, address } = Person::of(from, review.texts())?;
        Some(Self {
            origin: Origin::of(address.as_deref(), review.policy()),
            name: name.map(std::borrow::Cow::into_owned),
            address: address.map(std::borrow::Cow::into_owned),
            kind: AuthorKind::Person,
        })
    }

    /// Of whom nothing is known.
    pub(in crate::tools) const fn unknown() -> Self {
        Self { name: None, address: None, kind: AuthorKind::Person, origin: Origin::Unknown }
    }

    const fn system() -> Self {
        Self { name: None, address: None, kind: AuthorKind::System, origin: Origin::Unknown }
    }
}

fn clean(text: Option<Text<'_>>, review: &Review<'_>) -> Option<String> {
    text.map(|text| review.clean(text.into_cow()).into_owned()).filter(|text| !text.is_empty())
}

/// Of a member of a chat. A guest is a member of the tenant's own, and comes from outside.
fn origin_of(member: &ConversationMember<'_>, policy: &TenantPolicy) -> Origin {
    if member.roles.iter().flatten().any(|role| **role == *"guest") {
        return Origin::External;
    }
    Origin::of_tenant(member.tenant_id.as_deref(), policy)
}

/// How schemas, which a model pays for, show an [`Author`]: name, address and kind speak for themselves.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::tools) struct AuthorShape {
    origin: Origin,
}
