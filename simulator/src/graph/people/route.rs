//! From a path to what is asked about people.

use crate::graph::options::QueryOption;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::directory::DirectoryRefusal;
use crate::graph::segment::is;
use crate::graph::who::Who;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum PeopleRoute {
    List,
    /// `/users/$count`: the number alone.
    Count,
    Profile(Who),
    Manager(Who),
    /// The groups that somebody is in.
    MemberOf(Who),
    Photo(Who),
    PhotoValue(Who),
    Photos(Who),
    /// With the size as `48x48`.
    PhotoOfSize(Who, String),
    PhotoOfSizeValue(Who, String),
    /// `/me/people`.
    Suggestions,
}

impl PeopleRoute {
    /// Whether Exchange answers: it keeps the pictures of people, and knows whom they work with.
    pub(in crate::graph) const fn is_of_exchange(&self) -> bool {
        !matches!(self, Self::List | Self::Count | Self::Profile(_) | Self::Manager(_) | Self::MemberOf(_))
    }

    /// What the directory says of an option that the address does not take.
    pub(in crate::graph) const fn untaken(&self, option: QueryOption) -> DirectoryRefusal {
        match self {
            Self::Profile(_) | Self::Manager(_) => DirectoryRefusal::OptionOfLists(option.word()),
            _ => DirectoryRefusal::UnsupportedOption(option.name()),
        }
    }

    /// Reads the segments after the user; nothing when they lead elsewhere.
    pub(in crate::graph) fn parse(who: &Who, rest: &[String]) -> Result<Option<Self>, Refusal> {
        let who = who.clone();
        Ok(Some(match rest {
            [] => Self::Profile(who),
            [first] if is(first, "manager") => Self::Manager(who),
            [first] if is(first, "memberOf") => Self::MemberOf(who),
            [first] if is(first, "photo") => Self::Photo(who),
            [first, next] if is(first, "photo") && is(next, "$value") => Self::PhotoValue(who),
            [first] if is(first, "photos") => Self::Photos(who),
            [first, size] if is(first, "photos") => Self::PhotoOfSize(who, size.clone()),
            [first, size, next] if is(first, "photos") && is(next, "$value") => {
                Self::PhotoOfSizeValue(who, size.clone())
            }
            [first] if is(first, "people") => Self::Suggestions,
            [first, .., last] if is(first, "photo") || is(first, "photos") => {
                return Err(Refusal::UnknownSegment(last.clone()));
            }
            _ => return Ok(None),
        }))
    }
}
