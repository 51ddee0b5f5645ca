//! Whether a message matches a query.

use jiff::Timestamp;

use super::text::{Needle, normalised};
use super::{Kql, Moment, Place};

/// What a query may look at in a message.
pub(in crate::graph) trait Searchable {
    fn subject(&self) -> &str;
    /// The body, already [`normalised`].
    fn normalised_body(&self) -> &str;
    /// Name and address of the people in one role.
    fn people(&self, role: Role) -> Vec<(&str, &str)>;
    fn attachment_names(&self) -> Vec<&str>;
    fn has_attachments(&self) -> bool;
    /// Lower-case.
    fn importance(&self) -> &str;
    fn moment(&self, which: Moment) -> Timestamp;
    /// In bytes.
    fn size(&self) -> u64;
}

/// What somebody is to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Role {
    From,
    To,
    Cc,
    Bcc,
}

pub(in crate::graph) fn matches(kql: &Kql, message: &impl Searchable) -> bool {
    match kql {
        Kql::Every(parts) => parts.iter().all(|part| matches(part, message)),
        Kql::Either(parts) => parts.iter().any(|part| matches(part, message)),
        Kql::Not(inner) => !matches(inner, message),
        Kql::Text(place, needle) => finds(*place, needle, message),
        Kql::HasAttachment(wanted) => message.has_attachments() == *wanted,
        Kql::Importance(wanted) => message.importance() == wanted,
        Kql::Time { which, from, until } => {
            let moment = message.moment(*which);
            from.is_none_or(|from| moment >= from) && until.is_none_or(|until| moment < until)
        }
        Kql::Size { from, until } => (*from..*until).contains(&message.size()),
        Kql::Kind(kind) => kind == "email",
    }
}

fn finds(place: Place, needle: &Needle, message: &impl Searchable) -> bool {
    let among = |roles: &[Role]| {
        roles
            .iter()
            .flat_map(|role| message.people(*role))
            .any(|(name, address)| needle.is_in(&normalised(name)) || needle.is_in(&normalised(address)))
    };
    match place {
        Place::Anywhere => {
            needle.is_in(&normalised(message.subject()))
                || needle.is_in(message.normalised_body())
                || among(&[Role::From])
        }
        Place::From => among(&[Role::From]),
        Place::To => among(&[Role::To]),
        Place::Cc => among(&[Role::Cc]),
        Place::Bcc => among(&[Role::Bcc]),
        Place::Recipients => among(&[Role::To, Role::Cc, Role::Bcc]),
        Place::Participants => among(&[Role::From, Role::To, Role::Cc, Role::Bcc]),
        Place::Subject => needle.is_in(&normalised(message.subject())),
        Place::Body => needle.is_in(message.normalised_body()),
        Place::Attachment => message.attachment_names().iter().any(|name| needle.is_in(&normalised(name))),
    }
}
