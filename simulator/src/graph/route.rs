//! From a path to what is asked for.

use percent_encoding::percent_decode_str;

use super::calendar::CalendarRoute;
use super::mail::export::ExportRoute;
use super::mail::route::MailRoute;
use super::meetings::MeetingRoute;
use super::options::QueryOption;
use super::people::PeopleRoute;
use super::permissions::MissingPermission;
use super::refusal::Refusal;
use super::refusal::meetings::MeetingRefusal;
use super::segment::is;
use super::who::Who;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    People(PeopleRoute),
    Mail(Who, MailRoute),
    /// The id of a mailbox, and what is asked of it.
    Export(String, ExportRoute),
    ExchangeSettings(Who),
    Meeting(Who, MeetingRoute),
    Calendar(Who, CalendarRoute),
    /// The ids of a mailbox in another form.
    Translation(Who),
    /// What is to be known of recipients.
    MailTips(Who),
}

impl Route {
    /// Whether it is asked by POST.
    pub(super) const fn is_action(&self) -> bool {
        match self {
            Self::Calendar(_, route) => route.is_action(),
            Self::Translation(_) | Self::MailTips(_) => true,
            _ => false,
        }
    }

    /// What is said of an option that the address does not take.
    pub(super) fn untaken(&self, option: QueryOption) -> Refusal {
        match self {
            Self::People(route) if !route.is_of_exchange() => route.untaken(option).into(),
            Self::Meeting(..) => MeetingRefusal::OptionNotSupported(option.name()).into(),
            _ => Refusal::UnsupportedOption(option.name()),
        }
    }

    /// What is said to those who lack the permission for the address.
    pub(super) fn closed(&self, missing: MissingPermission) -> Refusal {
        match self {
            Self::People(route) if !route.is_of_exchange() => Refusal::DirectoryAccessDenied,
            Self::ExchangeSettings(_) => Refusal::DirectoryAccessDenied,
            Self::People(_)
            | Self::Mail(..)
            | Self::Export(..)
            | Self::Calendar(..)
            | Self::Translation(_)
            | Self::MailTips(_) => Refusal::MailAccessDenied,
            Self::Meeting(..) => MeetingRefusal::from(missing).into(),
        }
    }
}

/// Reads a path that is still percent-encoded: a slash within an id is `%2F`.
pub(super) fn parse(path: &str) -> Result<Route, Refusal> {
    let segments = path
        .trim_matches('/')
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().map(std::borrow::Cow::into_owned))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|_| Refusal::MalformedUri("the path is not UTF-8"))?;
    let (first, rest) = segments.split_first().ok_or(Refusal::MalformedUri("the path is empty"))?;
    if is(first, "me") {
        return under(Who::Me, rest);
    }
    if is(first, "admin") {
        let (mailbox, route) = ExportRoute::parse(rest)?;
        return Ok(Route::Export(mailbox, route));
    }
    // Copilot has a door of its own to the insights, and to nothing else.
    if is(first, "copilot") {
        return match rest {
            [users, key, meetings, rest @ ..] if is(users, "users") && is(meetings, "onlineMeetings") => {
                match MeetingRoute::parse(rest)? {
                    route if route.is_of_insights() => Ok(Route::Meeting(Who::Named(key.clone()), route)),
                    _ => Err(Refusal::UnknownSegment(meetings.clone())),
                }
            }
            _ => Err(Refusal::UnknownSegment(first.clone())),
        };
    }
    if !is(first, "users") {
        return Err(Refusal::UnknownSegment(first.clone()));
    }
    let Some((key, rest)) = rest.split_first() else { return Ok(Route::People(PeopleRoute::List)) };
    if is(key, "$count") && rest.is_empty() {
        return Ok(Route::People(PeopleRoute::Count));
    }
    under(Who::Named(key.clone()), rest)
}

fn under(who: Who, rest: &[String]) -> Result<Route, Refusal> {
    if let Some(route) = PeopleRoute::parse(&who, rest)? {
        return Ok(Route::People(route));
    }
    let Some((first, rest)) = rest.split_first() else {
        return Err(Refusal::MalformedUri("it names nothing"));
    };
    if is(first, "messages") {
        return Ok(Route::Mail(who, MailRoute::of_messages(None, rest)?));
    }
    if is(first, "mailFolders") {
        return Ok(Route::Mail(who, MailRoute::of_folders(rest)?));
    }
    if let ("settings", [next]) = (first.to_ascii_lowercase().as_str(), rest)
        && is(next, "exchange")
    {
        return Ok(Route::ExchangeSettings(who));
    }
    if is(first, "onlineMeetings") {
        return Ok(Route::Meeting(who, MeetingRoute::parse(rest)?));
    }
    if is(first, "translateExchangeIds") && rest.is_empty() {
        return Ok(Route::Translation(who));
    }
    if is(first, "getMailTips") && rest.is_empty() {
        return Ok(Route::MailTips(who));
    }
    if let Some(route) = CalendarRoute::parse(first, rest)? {
        return Ok(Route::Calendar(who, route));
    }
    Err(Refusal::UnknownSegment(first.clone()))
}
