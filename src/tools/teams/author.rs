//! Who wrote a message or is in a chat.

use serde::Serialize;

use crate::graph::{ChatIdentity, ChatIdentitySet, ConversationMember, Recipient, Text};
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::Review;
use crate::tools::user_context::UserContext;

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
    pub(in crate::tools) fn of(
        from: Option<ChatIdentitySet<'_>>,
        user: &UserContext<'_>,
        review: &Review<'_>,
    ) -> Self {
        let Some(ChatIdentitySet { application, user: person }) = from else { return Self::system() };
        match (person, application) {
            (Some(person), _) => Self {
                origin: origin_of(&person, user),
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

    pub(in crate::tools) fn member(
        member: ConversationMember<'_>,
        user: &UserContext<'_>,
        review: &Review<'_>,
    ) -> Self {
        Self {
            origin: origin_of_tenant(member.tenant_id.as_deref(), user),
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

/// Whoever has no account in a tenant comes from outside, whatever tenant the meeting was in.
fn origin_of(person: &ChatIdentity<'_>, user: &UserContext<'_>) -> Origin {
    match person.user_identity_type.as_deref() {
        None | Some("aadUser" | "onPremiseAadUser") => origin_of_tenant(person.tenant_id.as_deref(), user),
        Some(_) => Origin::External,
    }
}

fn origin_of_tenant(tenant: Option<&str>, user: &UserContext<'_>) -> Origin {
    let Some(tenant) = tenant.filter(|tenant| !tenant.is_empty()) else { return Origin::Unknown };
    let is_own = uuid::Uuid::try_parse(tenant).is_ok_and(|tenant| tenant == *user.principal.tenant.as_uuid());
    if is_own { Origin::Internal } else { Origin::External }
}
