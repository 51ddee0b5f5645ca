//! `sharepoint_search`.

use std::borrow::Cow;

use connector_actors::lease::GrantedScopes;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{SEARCH, SEARCH_FILES, SEARCH_SITES, SITE};
use super::drive_item::{DriveReference, item_request};
use super::folder_search::{exact_folders, folder_not_found};
use super::found::{FoundPage, Hit, Search};
use super::search_query::{Conditions, Kind, file_types};
use super::site_reference::SiteReference;
use crate::graph::{DriveItem, EntityType, QueryOption, Site};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::dates::understand;
use crate::tools::error::{ADMINISTRATOR, ErrorCode, ToolError};
use crate::tools::list::{Ended, List};
use crate::tools::own_zone;
use crate::tools::person::PersonQuery;
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::uri::{FileUri, SiteUri};
use crate::tools::words;
use crate::tools::zone::{Zone, moment};

const DEFAULT_LIMIT: u32 = 10;
pub(super) const MORE: &str = "There is more; go on with nextCursor.";
pub(super) const FILES_ALONE: &str = "Only files were searched: pages, entries of lists and sites need Sites.Read.All, which the app does not hold.";

pub(in crate::tools) const SHAREPOINT_SEARCH: Tool = Tool {
    name: "sharepoint_search",
    title: "Search SharePoint and OneDrive",
    description: "Finds files, pages, list items and sites in SharePoint and OneDrive, best first. Read a hit with \
                  read_resource and its uri. Example: {\"query\": \"budget\", \"fileType\": \"docx\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<HitList>),
    scopes: SEARCH,
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: 2 + FoundPage::MOST_REQUESTS,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words in name or text; search syntax (KQL) works. * for everything.
    #[serde(deserialize_with = "required_text::<_, 1000>")]
    #[schemars(example = &"budget")]
    query: String,
    /// Ending of the name; several with commas.
    #[serde(default, deserialize_with = "text::<_, 100>")]
    #[schemars(example = &"docx")]
    file_type: Option<String>,
    /// Name or address, or part of one.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"Adele")]
    author: Option<String>,
    /// https address or site:/// uri.
    #[serde(default, deserialize_with = "text::<_, 2000>")]
    #[schemars(example = &"https://contoso.sharepoint.com/sites/sales")]
    site_url: Option<String>,
    /// Name or file:/// uri; with all folders below.
    #[serde(default, deserialize_with = "text::<_, 2000>")]
    #[schemars(example = &"Reports")]
    folder_name: Option<String>,
    /// Changed at or after: 2026-11-01, last monday, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Changed before; a date means the start of that day.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
    /// Default: all.
    kind: Option<Kind>,
    /// Default 10.
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10)]
    limit: Option<u32>,
    /// nextCursor of the previous answer, with the same other arguments.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone for dates and times. Default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

type HitList = List<Hit, Understood>;

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Understood {
    time_zone: Cow<'static, str>,
    /// Changed then or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// Changed earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// How many folders of that name were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    folders: Option<usize>,
}

/// Where the next answer begins; "today" stays the same day on every page.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Start {
    /// In milliseconds since the Unix epoch.
    as_of: i64,
    /// Hits to pass over.
    pub(super) from: u32,
}

impl Start {
    pub(super) fn of(
        call: &ToolCall<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        let now = call.clock.now();
        match cursor {
            Some(cursor) => call.cursors.open(cursor, binding, now),
            None => Ok(Self { as_of: moment(now).as_millisecond(), from: 0 }),
        }
    }

    /// Behind a page of `size` hits.
    pub(super) const fn behind(self, size: u32) -> Self {
        Self { from: self.from.saturating_add(size), ..self }
    }
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, SHAREPOINT_SEARCH.name, &arguments);
        let start = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        let lease = call.graph.lease().await?;
        let (entity_types, opened_by) = searched(arguments.kind, lease.scopes())?;
        let is_files_alone = arguments.kind.is_none() && entity_types.len() == 1;
        let zone = zone_of(call, &arguments).await?;
        let conditions = conditions(call, &arguments, start, &zone).await?;
        let size = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let query_string = conditions.query_string();
        let review = Review::of(call);
        let page = Search { entity_types, query_string, from: start.from, size, opened_by }
            .page(call, &zone, &review)
            .await?;
        let understood = Understood {
            time_zone: zone.name(),
            after: conditions.after.map(|after| zone.tell(after)),
            before: conditions.before.map(|before| zone.tell(before)),
            folders: arguments.folder_name.as_ref().map(|_| conditions.folders.len()),
        };
        let bytes = page.bytes;
        let list: HitList = listed(call, page, start.behind(size), &binding, &review)?;
        let notes = is_files_alone.then_some(FILES_ALONE.into());
        ToolAnswer::new(&list.understood(understood).notes(notes), bytes)
    })
}

/// A page of hits as a list, with a cursor to `next` where there is more.
pub(super) fn listed<U>(
    call: &ToolCall<'_>,
    page: FoundPage,
    next: Start,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<List<Hit, U>, ToolError> {
    let (ended, next_cursor) = if page.has_more {
        (Ended::Partial(MORE.into()), call.cursors.seal(&next, binding, call.clock.now())?)
    } else {
        (Ended::Complete, None)
    };
    Ok(List::new(page.hits, ended, next_cursor, review).total(page.total))
}

/// What the user's permissions let be searched.
pub(super) fn searched(
    kind: Option<Kind>,
    granted: &GrantedScopes,
) -> Result<(Vec<EntityType>, &'static [&'static str]), ToolError> {
    require_search(granted)?;
    let has_sites = granted.contains(SEARCH_SITES[0]);
    match kind {
        Some(Kind::File) => Ok((vec![EntityType::DriveItem], SEARCH_FILES)),
        Some(_) if !has_sites => {
            Err(ToolError::missing_scope("Only files can be searched for.", SEARCH_SITES))
        }
        Some(kind) => Ok((vec![kind.entity()], SEARCH_SITES)),
        None if has_sites => {
            Ok((vec![EntityType::DriveItem, EntityType::ListItem, EntityType::Site], SEARCH_SITES))
        }
        None => Ok((vec![EntityType::DriveItem], SEARCH_FILES)),
    }
}

/// Says why there is no search, where there is none.
pub(super) fn require_search(granted: &GrantedScopes) -> Result<(), ToolError> {
    if SEARCH.is_met_by(granted) {
        return Ok(());
    }
    if granted.contains("Sites.Selected") {
        return Err(ToolError::new(
            ErrorCode::MissingScope,
            "SharePoint can't be searched with Sites.Selected.",
            "Microsoft Search looks through the whole organisation and knows no selected sites.",
            ADMINISTRATOR,
            "Read the granted sites by their site:/// uris and list their folders, or ask an administrator to consent to \
             Files.Read.All or Sites.Read.All.",
        ));
    }
    Err(ToolError::missing_scope("SharePoint and OneDrive can't be searched.", SEARCH_FILES))
}

async fn zone_of(call: &ToolCall<'_>, arguments: &Arguments) -> Result<Zone, ToolError> {
    let argument = arguments.time_zone.as_deref();
    if arguments.after_date_time.is_some() || arguments.before_date_time.is_some() {
        return own_zone::needed(call, argument).await;
    }
    own_zone::known(call, argument).await
}

async fn conditions<'a>(
    call: &ToolCall<'_>,
    arguments: &'a Arguments,
    start: Start,
    zone: &Zone,
) -> Result<Conditions<'a>, ToolError> {
    let now = Timestamp::from_millisecond(start.as_of).unwrap_or(Timestamp::MAX);
    let time = |name, text: &Option<String>| {
        text.as_deref().map(|text| understand(name, text, now, zone)).transpose()
    };
    let sites = match arguments.site_url.as_deref() {
        Some(site) => vec![site_address(call, site).await?],
        None => Vec::new(),
    };
    let conditions = Conditions {
        query: Some(&arguments.query),
        file_types: arguments.file_type.as_deref().map(file_types).transpose()?.unwrap_or_default(),
        author: words::given("author", arguments.author.as_deref())?.map(PersonQuery::parse),
        folders: match arguments.folder_name.as_deref() {
            Some(folder) => folder_addresses(call, folder, &sites).await?,
            None => Vec::new(),
        },
        sites,
        after: time("afterDateTime", &arguments.after_date_time)?,
        before: time("beforeDateTime", &arguments.before_date_time)?,
        kind: arguments.kind,
    };
    match (conditions.after, conditions.before) {
        (Some(after), Some(before)) if after >= before => Err(ToolError::invalid_arguments(
            format!(
                "afterDateTime ({}) is not before beforeDateTime ({}).",
                zone.tell(after),
                zone.tell(before)
            ),
            "beforeDateTime excludes the day it names: for one whole day give the next day as beforeDateTime.",
        )),
        _ => Ok(conditions),
    }
}

/// The address of a site; of one that is given by its uri Graph is asked.
pub(super) async fn site_address(call: &ToolCall<'_>, text: &str) -> Result<String, ToolError> {
    let reference = SiteReference::parse("siteUrl", text)?;
    if !matches!(text, "root") && !text.starts_with(SiteUri::ROOT) && text.starts_with("https://") {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    let request = reference.request(SITE)?.query(QueryOption::Select, "id,webUrl");
    let body = call.graph.get(&request).await?;
    let site: Site<'_> = body.parse()?;
    Ok(site.web_url.map(|url| url.to_string()).unwrap_or_default())
}

/// The addresses of the folders that are meant.
async fn folder_addresses(
    call: &ToolCall<'_>,
    folder: &str,
    sites: &[String],
) -> Result<Vec<String>, ToolError> {
    if !folder.starts_with(FileUri::ROOT) {
        return exact_folders(call, folder, sites).await;
    }
    let FileUri { drive, item } = FileUri::parse("folderName", folder)?;
    let request = item_request(&DriveReference::Id(drive), &item)?.query(QueryOption::Select, "id,webUrl");
    let body = call.graph.get(&request).await?;
    let item: DriveItem<'_> = body.parse()?;
    item.web_url.map(|url| vec![url.to_string()]).ok_or_else(folder_not_found)
}
