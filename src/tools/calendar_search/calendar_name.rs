//! Finds the calendar that a name means.

use crate::graph::{Calendar, GraphRequest, Preference, QueryOption};
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::line::quoted;
use crate::tools::list::Ended;
use crate::tools::mailbox::Mailbox;
use crate::tools::pages::{Position, Room, Shelf, everything, scan};
use crate::tools::review::Review;
use crate::tools::tool::ToolCall;

/// Calendars of a page.
const PAGE: u32 = 100;
/// What is looked at to find one.
pub(super) const MOST: Room = Room { items: 500, pages: 10 };
/// Names that an error repeats.
const NAMED: usize = 12;

/// A calendar that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: String,
    /// Whose it is, where that is somebody else than whose list it stands in.
    pub(super) owner: Option<String>,
}

/// What is known of a calendar in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    id: String,
    name: String,
    owner: Option<String>,
    is_default: bool,
}

/// The calendar of this name, or of this id, in the list of `mailbox`.
pub(super) async fn find(
    call: &ToolCall<'_>,
    mailbox: Mailbox<'_>,
    wanted: &str,
) -> Result<Found, ToolError> {
    let request = request(mailbox);
    let (shelf, start) = (Shelf::default(), Position::default());
    let scanned = scan(call, &request, &start, &shelf, MOST, everything::<Calendar<'_>>).await?;
    let review = Review::of(call);
    let listed: Vec<Listed> = scanned
        .items
        .into_iter()
        .map(|calendar| Listed {
            id: calendar.id.to_string(),
            name: calendar
                .name
                .map(|name| review.clean_line(name.into_cow()).into_owned())
                .unwrap_or_default(),
            owner: calendar.owner.and_then(|owner| owner.address).map(|address| address.to_string()),
            is_default: calendar.is_default_calendar == Some(true),
        })
        .collect();
    choose(&listed, wanted).map_err(|candidates| refused(&listed, &candidates, &scanned.onward.ended))
}

fn request(mailbox: Mailbox<'_>) -> GraphRequest {
    mailbox
        .calendar_request()
        .part("/calendars")
        .query(QueryOption::Select, "id,name,isDefaultCalendar,owner")
        .top(PAGE)
        .prefer(Preference::ImmutableIds)
}

/// The whole name goes before a part of one. The error holds those that it could be: several that fit, or all.
fn choose<'l>(listed: &'l [Listed], wanted: &str) -> Result<Found, Vec<&'l Listed>> {
    let lower = wanted.to_lowercase();
    let ways: [&dyn Fn(&Listed) -> bool; 3] =
        [&|calendar| calendar.id == wanted, &|calendar| calendar.name.to_lowercase() == lower, &|calendar| {
            calendar.name.to_lowercase().contains(&lower)
        }];
    for fits in ways {
        let fitting: Vec<&Listed> = listed.iter().filter(|calendar| fits(calendar)).collect();
        match fitting.as_slice() {
            [] => {}
            [only] => return Ok(found(listed, only)),
            _ => return Err(fitting),
        }
    }
    Err(listed.iter().collect())
}

/// The default calendar is always the own one: whose calendar has another owner is somebody else's.
fn found(listed: &[Listed], calendar: &Listed) -> Found {
    let own = listed.iter().find(|calendar| calendar.is_default).and_then(|calendar| calendar.owner.as_ref());
    let is_own = own.zip(calendar.owner.as_ref()).is_none_or(|(own, owner)| own.eq_ignore_ascii_case(owner));
    let owner = calendar.owner.clone().filter(|_| !is_own);
    Found { id: calendar.id.clone(), name: calendar.name.clone(), owner }
}

/// As an error names it: where others have the same name, with what tells it from them.
fn named(calendar: &Listed, listed: &[Listed]) -> String {
    let (name, lower) = (quoted(&calendar.name), calendar.name.to_lowercase());
    let is_only = listed.iter().filter(|other| other.name.to_lowercase() == lower).count() < 2;
    match &calendar.owner {
        _ if is_only => name,
        Some(owner) => format!("{name} (of {}, id {})", quoted(owner), calendar.id),
        None => format!("{name} (id {})", calendar.id),
    }
}

fn refused(listed: &[Listed], candidates: &[&Listed], ended: &Ended) -> ToolError {
    let mut names: Vec<String> =
        candidates.iter().take(NAMED).map(|calendar| named(calendar, listed)).collect();
    if let Some(more) = candidates.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let all = if *ended == Ended::Complete { "" } else { " Not all calendars could be looked at." };
    ToolError::new(
        ErrorCode::NotFound,
        About::argument("calendarName"),
        "The calendar was not found.",
        "no calendar, or more than one, goes by this name.",
        MODEL,
        format!("Give the whole name of one of, or its id where that is told: {}.{all}", names.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn listed() -> Vec<Listed> {
        let calendar = |id: &str, name: &str, owner: &str, is_default| Listed {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: Some(owner.to_owned()),
            is_default,
        };
        vec![
            calendar("1", "Calendar", "maja@contoso.example", true),
            calendar("2", "Projects", "MAJA@contoso.example", false),
            calendar("3", "Project rooms", "maja@contoso.example", false),
            calendar("4", "Adele Vance", "adele@contoso.example", false),
        ]
    }

    /// If this failed, two calendars of one name could never be told apart, or a name speak with the connector's voice.
    #[rstest]
    #[case::one_of_its_name(
        "project",
        "Give the whole name of one of, or its id where that is told: \"Projects\", \"Project rooms\"."
    )]
    #[case::two_of_one_name(
        "team",
        "Give the whole name of one of, or its id where that is told: \"Team\" (of \"maja@contoso.example\", id 5), \
         \"team\" (of \"adele@contoso.example\", id 6)."
    )]
    #[case::words(
        "say",
        "Give the whole name of one of, or its id where that is told: \"say'. Now 'x\", \"Say no more\"."
    )]
    fn those_that_it_could_be_are_told_apart(#[case] wanted: &str, #[case] expected: &str) {
        let calendar = |id: &str, name: &str, owner: &str| Listed {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: Some(owner.to_owned()),
            is_default: false,
        };
        let mut listed = listed();
        listed.extend([
            calendar("5", "Team", "maja@contoso.example"),
            calendar("6", "team", "adele@contoso.example"),
            calendar("7", "say\". Now \"x", "adele@contoso.example"),
            calendar("8", "Say no more", "maja@contoso.example"),
        ]);
        let candidates = choose(&listed, wanted).unwrap_err();
        let ToolError::Actionable(error) = refused(&listed, &candidates, &Ended::Complete) else {
            panic!("{wanted}")
        };
        assert_eq!(error.how, expected);
    }

    /// If this failed, another calendar would be searched than the one that was meant, or its events not be read.
    #[rstest]
    #[case::name("projects", Ok(("2", None)))]
    #[case::part_of_a_name("rooms", Ok(("3", None)))]
    #[case::id("1", Ok(("1", None)))]
    #[case::shared("adele", Ok(("4", Some("adele@contoso.example"))))]
    #[case::several("project", Err(2))]
    #[case::none("holidays", Err(4))]
    fn a_calendar_is_found_by_name(
        #[case] wanted: &str,
        #[case] expected: Result<(&str, Option<&str>), usize>,
    ) {
        let listed = listed();
        let found = choose(&listed, wanted);
        let found = found.as_ref().map(|found| (&*found.id, found.owner.as_deref())).map_err(Vec::len);
        assert_eq!(found, expected);
    }
}
