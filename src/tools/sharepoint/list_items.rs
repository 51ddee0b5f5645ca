//! `sharepoint_list_items`.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{SITE, SITES};
use super::cells::{Cut, LONGEST_CELL};
use super::column_times::DayColumns;
use super::kept_day::DOUBTFUL;
use super::label;
use super::list_columns::{COLUMN_PAGES, ListColumns, columns_of};
use super::list_filter::{Condition, Filter};
use super::list_item::{Entry, Showing, entry_of};
use super::named_column::column_of;
use super::site_reference::{SiteReference, site_itself};
use crate::graph::{GraphBody, GraphRequest, ListItem, PathSegment, Preference, QueryOption, Site};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::list::List;
use crate::tools::own_zone;
use crate::tools::pages::{Collected, MOST_PAGES, Shelf, Start, collect_short, entry};
use crate::tools::review::{Review, Reviewed};
use crate::tools::schema;
use crate::tools::sought::{Sought, Thing};
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::uri::ListUri;
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;
const MOST_CONDITIONS: usize = 10;
const MOST_COLUMNS: usize = 30;

pub(in crate::tools) const SHAREPOINT_LIST_ITEMS: Tool = Tool {
    name: "sharepoint_list_items",
    title: "List items of a SharePoint list",
    description: "Items of a SharePoint list with their columns. read_resource with a site:/// uri names its \
                  lists, with a list:/// uri its columns. Example: {\"site\": \"root\", \"list\": \"Open \
                  points\", \"filter\": [{\"column\": \"Status\", \"op\": \"eq\", \"value\": \"Open\"}]}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<ItemList>),
    scopes: SITES,
    client_capabilities: &[],
    warm_requests: 2,
    // The last two ask for sites: which one is meant, whether it or the list is not there, or whether the list is one of it.
    most_requests: 2 + COLUMN_PAGES + MOST_PAGES,
    run: list_items,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// site:/// uri, https address, or root.
    #[serde(deserialize_with = "required_text::<_, 2000>")]
    #[schemars(example = &"root")]
    site: String,
    /// Name, id or list:/// uri.
    #[serde(deserialize_with = "required_text::<_, 2000>")]
    #[schemars(example = &"Open points")]
    list: String,
    /// All must hold; dates as 2026-11-01, today, 3 days ago.
    #[serde(default)]
    filter: Option<Vec<Condition>>,
    /// Names of the columns to show. Default: all.
    #[serde(default)]
    columns: Option<Vec<String>>,
    #[serde(default, deserialize_with = "limit::<_, 200>")]
    #[schemars(range(min = 1, max = 200), example = 50, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

type ItemList = List<Entry, Understood>;

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Understood {
    site: String,
    filter: Vec<String>,
    columns: Vec<String>,
    time_zone: Cow<'static, str>,
}

/// What is asked for, in Graph's own names.
struct Asked {
    filter: Filter,
    columns: Vec<String>,
    days: DayColumns,
}

fn list_items<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, SHAREPOINT_LIST_ITEMS.name, &arguments);
        let from: Start = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        within_bounds(&arguments)?;
        let named = SiteReference::parse("site", &arguments.site)?;
        let (site, list) = match list_uri_of(&arguments)? {
            Some((site, list)) => {
                if from.at.is_start() {
                    // A cursor belongs to the same site and list.
                    require_one_site(call, named, &site).await?;
                }
                (site, list)
            }
            None => (undermost(call, named).await?.0, Cow::Borrowed(&*arguments.list)),
        };
        let known = own_zone::known(call, arguments.time_zone.as_deref()).await?;
        let shelf = Shelf::default();
        let columns = columns_of(call, list_request(&site, &list)?, &shelf);
        let (zone, columns) = match own_zone::beside(call, from.zone().or(known.as_ref()), columns).await {
            Ok(found) => found,
            Err(error) => return Err(missing(call, &arguments, &site, error).await),
        };
        let asked = asked(&arguments, &columns, from.as_of(), &zone)?;
        let request = items_request(&site, &list, &asked, &arguments, call)?;
        let review = Review::of(call);
        let known_site = match &site {
            SiteReference::Id(id) => id,
            SiteReference::Root | SiteReference::Address { .. } => "root",
        };
        let showing = Showing {
            site: known_site,
            list: &list,
            asked: &asked.columns,
            cut: Cut::Beginnings,
            zone: &zone,
            days: &asked.days,
        };
        let limit = usize::try_from(arguments.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
        let found: Result<Collected<Reviewed<Entry>>, ToolError> =
            collect_short(call, &request, from.at.clone(), limit, &review, |raw| {
                let admitted = review.admit(entry::<ListItem<'_>>(raw)?);
                Ok(admitted
                    .map(|item| item.shape(|item, withheld| entry_of(item, withheld, &showing, &review))))
            })
            .await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let error = unfiltered(error, &asked.filter);
                return Err(missing(call, &arguments, &site, error).await);
            }
        };
        let size = found.size;
        let is_cut = found.items.iter().any(|item| item.peek().is_cut());
        let is_doubtful = found.items.iter().any(|item| item.peek().has_doubtful_day());
        let notes = notes(&asked.filter, is_cut).into_iter().chain(is_doubtful.then_some(DOUBTFUL.into()));
        let understood = Understood {
            site: site.told(),
            filter: asked.filter.understood,
            columns: asked.columns,
            time_zone: zone.name(),
        };
        let list: ItemList = found.into_list_as_of((&from, &zone), call, &binding, &review)?;
        ToolAnswer::new(&list.understood(understood).notes(notes).lacking(columns.left_out), size)
    })
}

/// The site and the list that `list` names by its uri, if it does.
fn list_uri_of(arguments: &Arguments) -> Result<Option<(SiteReference<'_>, Cow<'_, str>)>, ToolError> {
    if !arguments.list.starts_with(ListUri::ROOT) {
        return Ok(None);
    }
    match ListUri::parse("list", &arguments.list)? {
        ListUri::List { site, list } | ListUri::Item { site, list, .. } => {
            Ok(Some((SiteReference::of_segment(site), list)))
        }
    }
}

/// The site that `site` means, and what Graph says of it, where it was asked.
async fn undermost<'a>(
    call: &ToolCall<'_>,
    named: SiteReference<'a>,
) -> Result<(SiteReference<'a>, Option<GraphBody>), ToolError> {
    named.undermost(call).await.map_err(|error| Sought::new("site", Thing::Site).explain(error))
}

/// Refuses the `list:///` uri of another site than `site` names: which of the two is meant can't be told.
async fn require_one_site(
    call: &ToolCall<'_>,
    named: SiteReference<'_>,
    of_list: &SiteReference<'_>,
) -> Result<(), ToolError> {
    if named == *of_list {
        return Ok(());
    }
    let body = match undermost(call, named).await? {
        (_, Some(body)) => body,
        (named, None) => site_itself(call, &named)
            .await
            .map_err(|error| Sought::new("site", Thing::Site).explain(error))?,
    };
    let id = body.parse::<Site<'_>>()?.id;
    let is_same = match of_list {
        SiteReference::Id(known) if known.contains(',') => known.eq_ignore_ascii_case(&id),
        // By another name than its id: Graph has to say.
        _ => {
            let other = site_itself(call, of_list).await;
            let other = other.map_err(|error| Sought::new("list", Thing::List).explain(error))?;
            other.parse::<Site<'_>>()?.id.eq_ignore_ascii_case(&id)
        }
    };
    if is_same {
        return Ok(());
    }
    Err(ToolError::invalid_argument(
        "site, list",
        "the list is one of another site.",
        format!("Give {} as site for this list, or the list of the other site by its name.", of_list.told()),
    ))
}

fn within_bounds(arguments: &Arguments) -> Result<(), ToolError> {
    let count = |given: Option<usize>| given.unwrap_or_default();
    if count(arguments.filter.as_ref().map(Vec::len)) <= MOST_CONDITIONS
        && count(arguments.columns.as_ref().map(Vec::len)) <= MOST_COLUMNS
    {
        return Ok(());
    }
    Err(ToolError::invalid_argument(
        "filter, columns",
        format!("at most {MOST_CONDITIONS} conditions and {MOST_COLUMNS} columns are taken."),
        "Ask for fewer.",
    ))
}

fn list_request(site: &SiteReference<'_>, list: &str) -> Result<GraphRequest, ToolError> {
    let list = PathSegment::new(list).map_err(|_| {
        ToolError::invalid_argument(
            "list",
            "it can't be the name of one.",
            "Give the list's name as the site shows it.",
        )
    })?;
    Ok(site.request(SITE)?.part("/lists").segment(list))
}

/// The arguments in Graph's own names. The list is asked for its columns whatever the arguments are: these alone tell what is a
/// day and what a time.
fn asked(
    arguments: &Arguments,
    columns: &ListColumns<'_>,
    now: Timestamp,
    zone: &Zone,
) -> Result<Asked, ToolError> {
    let names = arguments.columns.as_deref().unwrap_or_default().iter();
    let names = names
        .map(|name| column_of("columns", name, &columns.known).map(|column| column.name.to_string()))
        .collect::<Result<_, _>>()?;
    let filter = Filter::of(arguments.filter.as_deref().unwrap_or_default(), &columns.known, now, zone)?;
    Ok(Asked { filter, columns: names, days: DayColumns::of(columns) })
}

fn items_request(
    site: &SiteReference<'_>,
    list: &str,
    asked: &Asked,
    arguments: &Arguments,
    call: &ToolCall<'_>,
) -> Result<GraphRequest, ToolError> {
    let fields = if asked.columns.is_empty() {
        "fields".to_owned()
    } else {
        // Policy can't do without the label.
        let label = call.policy.content.labels.is_some().then_some(label::COLUMN);
        let names: Vec<&str> = asked.columns.iter().map(String::as_str).chain(label).collect();
        format!("fields($select={})", names.join(","))
    };
    let mut request = list_request(site, list)?
        .part("/items")
        .query(QueryOption::Expand, &fields)
        .top(arguments.limit.unwrap_or(DEFAULT_LIMIT));
    if !asked.filter.expression.is_empty() {
        request = request.query(QueryOption::Filter, &asked.filter.expression);
    }
    if !asked.filter.without_index.is_empty() {
        request = request.prefer(Preference::NonIndexedColumns);
    }
    Ok(request)
}

fn notes(filter: &Filter, is_cut: bool) -> Vec<Cow<'static, str>> {
    let mut notes = Vec::new();
    if is_cut {
        let note = format!(
            "Texts are cut after {LONGEST_CELL} bytes, where … stands; read an item's uri for the whole."
        );
        notes.push(note.into());
    }
    if !filter.only_dated.is_empty() {
        let note = format!(
            "Items without a date in {} are left out: ne a day finds the other days alone.",
            filter.only_dated.join(", ")
        );
        notes.push(note.into());
    }
    if !filter.without_index.is_empty() {
        notes.push(
            format!(
                "No index: {}. Lists of more than 5,000 items may refuse such a filter.",
                filter.without_index.join(", ")
            )
            .into(),
        );
    }
    notes
}

/// Of an error about something that is not there, not shared or not understood, whether it is the site or the list: Graph
/// does not say it, and so is asked for the site alone. A `list:///` uri names both, and of an error about another argument
/// there is nothing to ask.
async fn missing(
    call: &ToolCall<'_>,
    arguments: &Arguments,
    site: &SiteReference<'_>,
    error: ToolError,
) -> ToolError {
    let list = Sought::new("list", Thing::List);
    let is_not_understood = matches!(
        &error,
        ToolError::Actionable(known) if known.code == ErrorCode::UnsupportedQuery && known.about == About::Arguments
    );
    let is_about_it = error.is_unnamed() || is_not_understood;
    if !is_about_it || arguments.list.starts_with(ListUri::ROOT) {
        return list.explain(error);
    }
    match site_itself(call, site).await {
        Ok(_) => list.explain(error),
        Err(refused) if refused.is_unnamed() => Sought::new("site", Thing::Site).explain(refused),
        Err(_) => Sought::new("site, list", Thing::List).explain(error),
    }
}

/// What SharePoint says to a filter that it does not carry out.
fn unfiltered(error: ToolError, filter: &Filter) -> ToolError {
    match error {
        ToolError::Actionable(known)
            if known.code == ErrorCode::UnsupportedQuery && !filter.expression.is_empty() =>
        {
            ToolError::new(
                ErrorCode::UnsupportedQuery,
                About::argument("filter"),
                "The list can't be filtered like that.",
                if filter.without_index.is_empty() {
                    "SharePoint does not carry out this filter on this list; libraries of files take none."
                        .to_owned()
                } else {
                    format!(
                        "SharePoint refuses the filter; it is by columns without an index: {}.",
                        filter.without_index.join(", ")
                    )
                },
                MODEL,
                "Filter by columns with an index alone, or list the items without a filter and look through them.",
            )
        }
        error => error,
    }
}
