//! `sharepoint_search`.

use std::borrow::Cow;

use connector_actors::lease::GrantedScopes;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{SEARCH, SEARCH_FILES, SEARCH_SITES, require_search};
use super::drive_item::{DriveReference, item_request};
use super::folder_search::{exact_folders, folder_not_found};
use super::found::{FoundPage, Hit, Search};
use super::hit_list::{LookedAt, listed};
use super::search_query::{Conditions, Kind, file_types};
use super::searched_site::{require_site, site_to_search};
use super::site_address::SiteAddress;
use super::site_reference::SiteReference;
use crate::graph::{DriveItem, EntityType, QueryOption, grants_any};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::{ErrorCode, ToolError};
use crate::tools::list::List;
use crate::tools::pages::Start;
use crate::tools::person::PersonQuery;
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::sought::{Sought, Thing};
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::uri::FileUri;
use crate::tools::window::{self, Window, WindowArguments};
use crate::tools::words;

const DEFAULT_LIMIT: u32 = 10;
pub(super) const FILES_ALONE: &str = "Only files were searched: pages, lists, their items and sites need Sites.Read.All, which the app does not hold.";

pub(in crate::tools) const SHAREPOINT_SEARCH: Tool = Tool {
    name: "sharepoint_search",
    title: "Search SharePoint and OneDrive",
    description: "Finds files, pages, lists, list items and sites in SharePoint and OneDrive, best first. Long texts \
                  are cut: read_resource and the uri give all. Example: {\"query\": \"budget\", \"fileType\": \"docx\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<HitList>),
    scopes: SEARCH,
    client_capabilities: &[],
    warm_requests: 1,
    // The site, before or after, and the folders.
    most_requests: 2 + FoundPage::MOST_REQUESTS,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words in name or text; KQL works. * for everything.
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
    /// Changed before; a date means its start.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
    /// Default: all.
    kind: Option<Kind>,
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

type HitList = List<Hit, Understood>;

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Understood {
    /// Of the last change.
    #[serde(flatten)]
    window: window::Understood,
    /// The address of the site that was searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    /// How many folders of that name were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    folders: Option<usize>,
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, SHAREPOINT_SEARCH.name, &arguments);
        let start = Start::<LookedAt>::of(call, arguments.cursor.as_deref(), &binding)?;
        require_readable(&arguments)?;
        let lease = call.graph.lease().await?;
        let (entity_types, opened_by) = searched(arguments.kind, lease.scopes())?;
        let is_files_alone = arguments.kind.is_none() && entity_types.len() == 1;
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: arguments.before_date_time.as_deref(),
            time_zone: arguments.time_zone.as_deref(),
        };
        let conditions = conditions(&arguments)?;
        let (window, zone) = Window::understood(call, dates, &start).await?;
        let Window { after, before } = window;
        let (conditions, whole) =
            within(call, &arguments, Conditions { after, before, ..conditions }).await?;
        let size = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let query_string = conditions.query_string();
        let site = conditions.site.as_ref().map(|site| site.as_str().to_owned());
        let review = Review::of(call);
        let (zone, page) = Search { entity_types, query_string, from: start.at, size, opened_by }
            .page(call, zone.as_ref(), &review)
            .await?;
        let understood = Understood {
            window: window::Understood::of(&window, &zone),
            site,
            folders: arguments.folder_name.as_ref().map(|_| conditions.folders.len()),
        };
        let unchecked = match arguments.site_url.as_deref() {
            Some(site) if page.is_of_nothing(start.at) => require_site(call, site).await?,
            _ => None,
        };
        let bytes = page.bytes;
        let list: HitList = listed(call, page, (&start, size, &zone), &binding, &review)?;
        let list = list.lacking(is_files_alone.then_some(FILES_ALONE));
        ToolAnswer::new(&list.understood(understood).notes(whole).notes(unchecked), bytes)
    })
}

/// What the user's permissions let be searched.
pub(super) fn searched(
    kind: Option<Kind>,
    granted: &GrantedScopes,
) -> Result<(Vec<EntityType>, &'static [&'static str]), ToolError> {
    require_search(granted)?;
    let has_sites = grants_any(granted, SEARCH_SITES);
    match kind {
        Some(Kind::File) => Ok((vec![EntityType::DriveItem], SEARCH_FILES)),
        Some(_) if !has_sites => {
            Err(ToolError::missing_scope("Only files can be searched for.", SEARCH_SITES))
        }
        Some(kind) => Ok((vec![kind.entity()], SEARCH_SITES)),
        None if has_sites => Ok((
            vec![EntityType::DriveItem, EntityType::ListItem, EntityType::List, EntityType::Site],
            SEARCH_SITES,
        )),
        None => Ok((vec![EntityType::DriveItem], SEARCH_FILES)),
    }
}

/// All but the dates, and the places, which have to be asked for.
fn conditions(arguments: &Arguments) -> Result<Conditions<'_>, ToolError> {
    Ok(Conditions {
        query: Some(&arguments.query),
        file_types: arguments.file_type.as_deref().map(file_types).transpose()?.unwrap_or_default(),
        author: words::given("author", arguments.author.as_deref())?.map(PersonQuery::parse),
        kind: arguments.kind,
        ..Conditions::default()
    })
}

/// The same within the site and the folders that are meant, and what is to be said of the site.
async fn within<'a>(
    call: &ToolCall<'_>,
    arguments: &'a Arguments,
    conditions: Conditions<'a>,
) -> Result<(Conditions<'a>, Option<Cow<'static, str>>), ToolError> {
    let (site, whole) = match arguments.site_url.as_deref() {
        Some(site) => site_to_search(call, site).await.map(|(site, whole)| (Some(site), whole))?,
        None => (None, None),
    };
    let folders = match arguments.folder_name.as_deref() {
        Some(folder) => folders_within(call, folder, arguments.site_url.as_deref(), site.as_ref()).await?,
        None => Vec::new(),
    };
    Ok((Conditions { site, folders, ..conditions }, whole))
}

/// Refuses what names no site, and a uri that is none of a folder, before anybody is asked for anything.
fn require_readable(arguments: &Arguments) -> Result<(), ToolError> {
    if let Some(site) = arguments.site_url.as_deref() {
        SiteReference::parse("siteUrl", site)?;
    }
    if let Some(uri) = arguments.folder_name.as_deref().filter(|folder| folder.starts_with(FileUri::ROOT)) {
        FileUri::parse("folderName", uri)?;
    }
    Ok(())
}

/// The addresses of the folders that are meant.
async fn folder_addresses(
    call: &ToolCall<'_>,
    folder: &str,
    site: Option<&SiteAddress>,
) -> Result<Vec<String>, ToolError> {
    if !folder.starts_with(FileUri::ROOT) {
        return exact_folders(call, folder, site).await;
    }
    let FileUri { drive, item } = FileUri::parse("folderName", folder)?;
    let request = item_request(&DriveReference::Id(drive), &item)?.query(QueryOption::Select, "id,webUrl");
    let folder = Sought::new("folderName", Thing::Folder);
    let body = call.graph.get(&request).await.map_err(|error| folder.explain(error))?;
    let item: DriveItem<'_> = body.parse()?;
    item.web_url.map(|url| vec![url.to_string()]).ok_or_else(folder_not_found)
}

/// The same, where no such folder may mean that there is no such site.
async fn folders_within(
    call: &ToolCall<'_>,
    folder: &str,
    site_url: Option<&str>,
    site: Option<&SiteAddress>,
) -> Result<Vec<String>, ToolError> {
    let found = folder_addresses(call, folder, site).await;
    let is_missing = matches!(&found, Err(ToolError::Actionable(error)) if error.code == ErrorCode::NotFound);
    if let Some(site_url) = site_url.filter(|_| is_missing) {
        require_site(call, site_url).await?;
    }
    found
}
