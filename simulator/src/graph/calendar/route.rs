//! From what follows `/me` or `/users/{id}` to what is asked of a calendar.

use super::super::refusal::Refusal;
use super::super::segment::is;

/// Which calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Which {
    /// None was named. Lists mean the default calendar, a single event may lie in any.
    Unnamed,
    Default,
    /// By its id.
    Named(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum CalendarRoute {
    Groups,
    Group(String),
    Calendars { group: Option<String> },
    Calendar(Which),
    Events(Which),
    View(Which),
    Event(Which, String),
    Instances(Which, String),
    Attachments(Which, String),
    Attachment { which: Which, event: String, attachment: String },
    AttachmentValue { which: Which, event: String, attachment: String },
    GetSchedule,
    FindMeetingTimes,
    TimeZones,
}

type Found = Result<Option<CalendarRoute>, Refusal>;

impl CalendarRoute {
    /// Reads the segments after the user; nothing when they do not lead to a calendar.
    pub(in crate::graph) fn parse(first: &str, rest: &[String]) -> Found {
        match first.to_ascii_lowercase().as_str() {
            "events" | "calendarview" => view_or_events(Which::Unnamed, first, rest).map(Some),
            "calendar" => calendar(Which::Default, rest).map(Some),
            "calendars" => calendars(None, rest).map(Some),
            "calendargroups" => groups(rest).map(Some),
            "outlook" => match rest {
                [next] if is(next, "supportedTimeZones") => Ok(Some(Self::TimeZones)),
                _ => Ok(None),
            },
            "findmeetingtimes" if rest.is_empty() => Ok(Some(Self::FindMeetingTimes)),
            _ => Ok(None),
        }
    }

    /// Which calendar it is about, where it is about one.
    pub(super) const fn which_mut(&mut self) -> Option<&mut Which> {
        match self {
            Self::Calendar(which)
            | Self::Events(which)
            | Self::View(which)
            | Self::Event(which, _)
            | Self::Instances(which, _)
            | Self::Attachments(which, _)
            | Self::Attachment { which, .. }
            | Self::AttachmentValue { which, .. } => Some(which),
            _ => None,
        }
    }

    /// Whether it is asked by POST.
    pub(in crate::graph) const fn is_action(&self) -> bool {
        matches!(self, Self::GetSchedule | Self::FindMeetingTimes)
    }
}

fn groups(rest: &[String]) -> Result<CalendarRoute, Refusal> {
    match rest {
        [] => Ok(CalendarRoute::Groups),
        [group] => Ok(CalendarRoute::Group(group.clone())),
        [group, next, rest @ ..] if is(next, "calendars") => calendars(Some(group.clone()), rest),
        [_, next, ..] => Err(Refusal::UnknownSegment(next.clone())),
    }
}

fn calendars(group: Option<String>, rest: &[String]) -> Result<CalendarRoute, Refusal> {
    match rest {
        [] => Ok(CalendarRoute::Calendars { group }),
        [id, rest @ ..] => calendar(Which::Named(id.clone()), rest),
    }
}

fn calendar(which: Which, rest: &[String]) -> Result<CalendarRoute, Refusal> {
    match rest {
        [] => Ok(CalendarRoute::Calendar(which)),
        [next] if is(next, "getSchedule") && which == Which::Default => Ok(CalendarRoute::GetSchedule),
        [next, rest @ ..] => view_or_events(which, next, rest),
    }
}

fn view_or_events(which: Which, first: &str, rest: &[String]) -> Result<CalendarRoute, Refusal> {
    match rest {
        [] if is(first, "calendarView") => Ok(CalendarRoute::View(which)),
        _ if !is(first, "events") => Err(Refusal::UnknownSegment(first.to_owned())),
        [] => Ok(CalendarRoute::Events(which)),
        [event] => Ok(CalendarRoute::Event(which, event.clone())),
        [event, next] if is(next, "instances") => Ok(CalendarRoute::Instances(which, event.clone())),
        [event, next, rest @ ..] if is(next, "attachments") => attachments(which, event, rest),
        [_, next, ..] => Err(Refusal::UnknownSegment(next.clone())),
    }
}

fn attachments(which: Which, event: &str, rest: &[String]) -> Result<CalendarRoute, Refusal> {
    let event = event.to_owned();
    match rest {
        [] => Ok(CalendarRoute::Attachments(which, event)),
        [attachment] => Ok(CalendarRoute::Attachment { which, event, attachment: attachment.clone() }),
        [attachment, next] if is(next, "$value") => {
            Ok(CalendarRoute::AttachmentValue { which, event, attachment: attachment.clone() })
        }
        [_, next, ..] => Err(Refusal::UnknownSegment(next.clone())),
    }
}
