//! Whether something matches a query.

use std::borrow::Cow;

use jiff::Timestamp;

use super::text::{Needle, normalised};
use super::{Attribute, Flag, Kql, Moment, Place};

/// What a query may look at. What a kind of thing does not have, nothing is found in.
pub(in crate::graph) trait Searchable {
    fn subject(&self) -> &str;

    fn body_holds(&self, needle: &Needle) -> bool;

    /// Name and address of the people in one role.
    fn people(&self, _role: Role) -> Vec<(&str, &str)> {
        Vec::new()
    }

    /// Texts in one of the places that only some kinds of things have; of [`Place::Anywhere`] those in which bare words
    /// are looked for besides subject, body and sender.
    fn texts(&self, _place: Place) -> Vec<&str> {
        Vec::new()
    }

    fn attributes(&self, _attribute: Attribute) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn flag(&self, _flag: Flag) -> bool {
        false
    }

    /// Lower-case.
    fn importance(&self) -> &'static str {
        "normal"
    }

    /// As `kind:` names it.
    fn kind(&self) -> &'static str {
        "docs"
    }

    fn moment(&self, _which: Moment) -> Option<Timestamp> {
        None
    }

    /// In bytes.
    fn size(&self) -> u64 {
        0
    }
}

/// What somebody is to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Role {
    From,
    To,
    Cc,
    Bcc,
}

pub(in crate::graph) fn matches(kql: &Kql, thing: &(impl Searchable + ?Sized)) -> bool {
    match kql {
        Kql::Every(parts) => parts.iter().all(|part| matches(part, thing)),
        Kql::Either(parts) => parts.iter().any(|part| matches(part, thing)),
        Kql::Not(inner) => !matches(inner, thing),
        Kql::Text(place, needle) => finds(*place, needle, thing),
        Kql::Flag(flag, wanted) => thing.flag(*flag) == *wanted,
        Kql::Attribute(attribute, wanted) => {
            thing.attributes(*attribute).iter().any(|value| fits(*attribute, &value.to_lowercase(), wanted))
        }
        Kql::Importance(wanted) => thing.importance() == wanted,
        Kql::Time { which, from, until } => thing.moment(*which).is_some_and(|moment| {
            from.is_none_or(|from| moment >= from) && until.is_none_or(|until| moment < until)
        }),
        Kql::Size { from, until } => (*from..*until).contains(&thing.size()),
        Kql::Kind(kind) => kind == thing.kind(),
    }
}

/// An address fits what it lies below; everything else must be the same, unless the wanted value ends in `*`.
fn fits(attribute: Attribute, value: &str, wanted: &str) -> bool {
    if let Some(beginning) = wanted.strip_suffix('*') {
        return value.starts_with(beginning);
    }
    if attribute != Attribute::Path {
        return value == wanted;
    }
    let above = wanted.trim_end_matches('/');
    value.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn finds(place: Place, needle: &Needle, thing: &(impl Searchable + ?Sized)) -> bool {
    let among = |roles: &[Role]| {
        roles
            .iter()
            .flat_map(|role| thing.people(*role))
            .any(|(name, address)| needle.is_in(&normalised(name)) || needle.is_in(&normalised(address)))
    };
    let in_texts = || thing.texts(place).iter().any(|text| needle.is_in(&normalised(text)));
    match place {
        Place::Anywhere => {
            needle.is_in(&normalised(thing.subject()))
                || in_texts()
                || among(&[Role::From])
                || thing.body_holds(needle)
        }
        Place::From => among(&[Role::From]),
        Place::To => among(&[Role::To]),
        Place::Cc => among(&[Role::Cc]),
        Place::Bcc => among(&[Role::Bcc]),
        Place::Recipients => among(&[Role::To, Role::Cc, Role::Bcc]),
        Place::Participants => among(&[Role::From, Role::To, Role::Cc, Role::Bcc]),
        Place::Subject => needle.is_in(&normalised(thing.subject())),
        Place::Body => thing.body_holds(needle),
        _ => in_texts(),
    }
}
