//! From a path to what is asked for.

use percent_encoding::percent_decode_str;

use super::calendar::CalendarRoute;
use super::mail::export::ExportRoute;
use super::meetings::{MeetingRefusal, MeetingRoute};
use super::options::QueryOption;
use super::people::PeopleRoute;
use super::permissions::MissingPermission;
use super::refusal::Refusal;
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MailRoute {
    Folders,
    Folder(String),
    ChildFolders(String),
    Messages {
        folder: Option<String>,
    },
    Message {
        folder: Option<String>,
        message: String,
    },
    /// The mail as it travels.
    MessageValue {
        folder: Option<String>,
        message: String,
    },
    Attachments {
        folder: Option<String>,
        message: String,
    },
    Attachment {
        folder: Option<String>,
        message: String,
        attachment: String,
    },
    AttachmentValue {
        folder: Option<String>,
        message: String,
        attachment: String,
    },
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
        return Ok(Route::Mail(who, messages(None, rest)?));
    }
    if is(first, "mailFolders") {
        return Ok(Route::Mail(who, folders(rest)?));
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

fn messages(folder: Option<String>, rest: &[String]) -> Result<MailRoute, Refusal> {
    match rest {
        [] => Ok(MailRoute::Messages { folder }),
        [message] => Ok(MailRoute::Message { folder, message: message.clone() }),
        [message, next] if is(next, "$value") => {
            Ok(MailRoute::MessageValue { folder, message: message.clone() })
        }
        [message, next, attachment, last] if is(next, "attachments") && is(last, "$value") => {
            let (message, attachment) = (message.clone(), attachment.clone());
            Ok(MailRoute::AttachmentValue { folder, message, attachment })
        }
        [message, next] if is(next, "attachments") => {
            Ok(MailRoute::Attachments { folder, message: message.clone() })
        }
        [message, next, attachment] if is(next, "attachments") => {
            Ok(MailRoute::Attachment { folder, message: message.clone(), attachment: attachment.clone() })
        }
        [_, next, ..] if !is(next, "attachments") => Err(Refusal::UnknownSegment(next.clone())),
        [.., last] => Err(Refusal::UnknownSegment(last.clone())),
    }
}

fn folders(rest: &[String]) -> Result<MailRoute, Refusal> {
    let Some((key, rest)) = rest.split_first() else { return Ok(MailRoute::Folders) };
    let mut key = key;
    let mut rest = rest;
    loop {
        rest = match rest {
            [] => return Ok(MailRoute::Folder(key.clone())),
            [next, rest @ ..] if is(next, "messages") => return messages(Some(key.clone()), rest),
            [next] if is(next, "childFolders") => return Ok(MailRoute::ChildFolders(key.clone())),
            [next, child, rest @ ..] if is(next, "childFolders") => {
                key = child;
                rest
            }
            [next, ..] => return Err(Refusal::UnknownSegment(next.clone())),
        };
    }
}
