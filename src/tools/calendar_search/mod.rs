//! `outlook_calendar_search`: what takes place in a stretch of time, every occurrence of a series by itself.
//!
//! Graph's views know a stretch of time and an order, and nothing else: words and people are looked for here, in at most
//! ten pages for one answer.

mod answer;
mod calendar_name;
mod conditions;
mod order;
mod window;

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use answer::Series;

use self::order::Order;
use super::arguments::{self, limit, text};
use super::cursor::{self, Binding};
use super::error::ToolError;
use super::mailbox::{CALENDARS, Mailbox, OWNER_REQUESTS, OwnerArgument};
use super::own_zone;
use super::pages::{Room, Shelf, Start, Verdict, scan};
use super::person::PersonQuery;
use super::review::Review;
use super::schema;
use super::sought::{Sought, Thing};
use super::tool::{Tool, ToolAnswer, ToolCall};
use super::window::WindowArguments;
use super::words;
use super::zone::Zone;
use crate::graph::{Event, GraphError, GraphRequest, PathSegment, Preference, QueryOption};
use answer::{EventList, Understood, hit};
use conditions::Conditions;
use window::Window;

const DEFAULT_LIMIT: u32 = 10;
/// Events of a page where some will be sorted out here.
const EXAMINED_PAGE: u32 = 100;
/// Pages of one answer.
const PAGES: u32 = 10;

const SELECT: &str = "id,subject,start,end,isAllDay,isCancelled,isOrganizer,isOnlineMeeting,hasAttachments,type,showAs,\
                      sensitivity,responseStatus,organizer,attendees,location,locations,bodyPreview,webLink";

const QUERY_NOTE: &str =
    "query was looked for in subjects, places and the first 255 characters of each text.";

pub(super) const OUTLOOK_CALENDAR_SEARCH: Tool = Tool {
    name: "outlook_calendar_search",
    title: "Search the calendar",
    description: "Events of the user's calendar in a stretch of time, earliest first; each occurrence of a \
                  series by itself. All arguments are optional; without dates: today and 30 days on. Long texts \
                  of hits are cut: read_resource gives all. Example: {\"attendee\": \"Adele\", \"afterDateTime\": \"today\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<EventList<'static>>),
    scopes: CALENDARS,
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: OWNER_REQUESTS + calendar_name::MOST.pages + PAGES,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words in subject, place or preview.
    #[serde(default, deserialize_with = "text::<_, 1000>")]
    #[schemars(example = &"budget")]
    query: Option<String>,
    /// Address, name or part of a name; the organizer takes part too.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"Adele")]
    attendee: Option<String>,
    /// Address, name or part of a name.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"adele@contoso.example")]
    organizer: Option<String>,
    /// What ends later: 2026-11-01, last monday, in 3 days.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// What begins earlier; a date means its start.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"next monday")]
    before_date_time: Option<String>,
    /// Address of somebody who shares the calendar with the user.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"adele@contoso.example")]
    calendar_owner_email: Option<String>,
    /// Default: the main calendar.
    #[serde(default, deserialize_with = "text::<_, 1000>")]
    #[schemars(example = &"Holidays")]
    calendar_name: Option<String>,
    order: Option<Order>,
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, OUTLOOK_CALENDAR_SEARCH.name, &arguments);
        let from = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        let conditions = conditions(&arguments)?;
        let owner = arguments.calendar_owner_email.as_deref().map(OwnerArgument::calendar).transpose()?;
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: arguments.before_date_time.as_deref(),
            time_zone: arguments.time_zone.as_deref(),
        };
        let zone = dates.zone_of_both(call, &from).await?;
        let window = window(dates, &from, zone.as_ref().unwrap_or(&Zone::utc()))?;
        let mailbox = Mailbox::of_calendar(call, owner).await?;
        let shelf = Shelf::default();
        let view = View { arguments: &arguments, conditions, mailbox, window, zone };
        let list = view
            .list(call, &from, &binding, &shelf)
            .await
            .map_err(|error| OwnerArgument::explain(owner, None, error))?;
        ToolAnswer::new(&list, shelf.size())
    })
}

fn conditions(arguments: &Arguments) -> Result<Conditions<'_>, ToolError> {
    Ok(Conditions {
        query: words::given("query", arguments.query.as_deref())?,
        attendee: words::given("attendee", arguments.attendee.as_deref())?.map(PersonQuery::parse),
        organizer: words::given("organizer", arguments.organizer.as_deref())?.map(PersonQuery::parse),
    })
}

fn window(dates: WindowArguments<'_>, from: &Start, zone: &Zone) -> Result<Window, ToolError> {
    let given = dates.within(from.as_of(), zone)?;
    Window::of(given.after, given.before, from.as_of(), zone)
}

/// What is searched, and for what.
struct View<'a> {
    arguments: &'a Arguments,
    conditions: Conditions<'a>,
    mailbox: Mailbox<'a>,
    window: Window,
    /// For times, where it is known; if not, it is learnt meanwhile.
    zone: Option<Zone>,
}

impl<'a> View<'a> {
    async fn list<'b>(
        &'b self,
        call: &'b ToolCall<'_>,
        from: &Start,
        binding: &Binding<'_>,
        shelf: &'b Shelf,
    ) -> Result<EventList<'b>, ToolError> {
        let calendar = match self.arguments.calendar_name.as_deref() {
            Some(name) => Some(calendar_name::find(call, self.mailbox, name).await?),
            None => None,
        };
        let limit = self.arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let request = self.request(calendar.as_ref().map(|calendar| &*calendar.id), limit)?;
        let room = Room::of(limit, PAGES);
        let judge = |event: &Event<'_>| {
            if self.conditions.admit(event) { Verdict::Given } else { Verdict::PassedOver }
        };
        // Its name stands in the list of calendars: whatever is missing now is the calendar itself.
        let sought = calendar.as_ref().map(|_| Sought::new("calendarName", Thing::Calendar));
        let found = scan::<Event<'b>>(call, &request, &from.at, shelf, room, judge);
        let (zone, found) = own_zone::beside(call, self.zone.as_ref(), found)
            .await
            .map_err(|error| sought.into_iter().fold(error, |error, sought| sought.explain(error)))?;

        let review = Review::of(call);
        // What stands in another's calendar is read in that one's mailbox, though it is listed among one's own.
        let holder = calendar.as_ref().and_then(|calendar| PathSegment::new(calendar.owner.as_deref()?).ok());
        let holder = holder.map_or(self.mailbox, Mailbox::Of);
        let events: Vec<_> = found
            .items
            .into_iter()
            .filter_map(|event| review.admit(event))
            .map(|event| event.shape(|event, withheld| hit(event, withheld, holder, &zone, &review)))
            .collect();
        let onward = found.onward.map(|at| from.further(at, &zone));
        let understood = self.understood(calendar.map(|calendar| calendar.name), &zone);
        let note = self.conditions.query.map(|_| Cow::Borrowed(QUERY_NOTE));
        let list: EventList<'b> = onward.into_list(events, call, binding, &review)?;
        Ok(list.understood(understood).notes(note))
    }

    fn request(&self, calendar: Option<&str>, limit: u32) -> Result<GraphRequest, ToolError> {
        let request = self.mailbox.calendar_request();
        let request = match calendar {
            Some(id) => {
                let id = PathSegment::new(id).map_err(|_| GraphError::Unintelligible)?;
                request.part("/calendars").segment(id)
            }
            None => request,
        };
        let order = match self.order() {
            Order::Oldest => "start/dateTime",
            Order::Newest => "start/dateTime desc",
        };
        Ok(request
            .part("/calendarView")
            .query(QueryOption::StartDateTime, &self.window.start.to_string())
            .query(QueryOption::EndDateTime, &self.window.end.to_string())
            .query(QueryOption::Select, SELECT)
            .query(QueryOption::OrderBy, order)
            .top(if self.conditions.are_none() { limit } else { EXAMINED_PAGE })
            .prefer(Preference::ImmutableIds))
    }

    fn order(&self) -> Order {
        self.arguments.order.unwrap_or_default()
    }

    fn understood(&self, calendar: Option<String>, zone: &Zone) -> Understood<'a> {
        Understood {
            order: self.order(),
            time_zone: zone.name(),
            after: zone.tell(self.window.start),
            before: zone.tell(self.window.end),
            calendar,
            calendar_owner: self.mailbox.owner(),
        }
    }
}
