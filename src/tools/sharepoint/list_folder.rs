//! `sharepoint_list_folder`.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{FILES, SITE};
use super::drive_item::{DriveReference, Ownership, item_request};
use super::folder::{FolderList, FolderListing, children};
use super::site_reference::{SiteReference, site_itself};
use crate::graph::{DriveItem, QueryOption};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::{ADMINISTRATOR, About, ErrorCode, MODEL, ToolError};
use crate::tools::own_zone;
use crate::tools::pages::{MOST_PAGES, Position};
use crate::tools::schema;
use crate::tools::sought::{Sought, Thing};
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::uri::{FileUri, SiteUri};
use crate::tools::user_context::UserContext;

const DEFAULT_LIMIT: u32 = 10;

pub(in crate::tools) const SHAREPOINT_LIST_FOLDER: Tool = Tool {
    name: "sharepoint_list_folder",
    title: "List a folder",
    description: "Files and folders in a folder of OneDrive or SharePoint. Example: {\"uri\": \"me\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<FolderList>),
    scopes: FILES,
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: 2 + MOST_PAGES,
    run: list_folder,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// me for the user's own OneDrive, file:///{drive}/{item} of a folder, or site:///{site} for its library.
    #[serde(deserialize_with = "required_text::<_, 4000>")]
    #[schemars(example = &"me")]
    uri: String,
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

fn list_folder<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, SHAREPOINT_LIST_FOLDER.name, &arguments);
        let (drive, folder) = folder_of(&arguments.uri)?;
        let from = Position::of(call, arguments.cursor.as_deref(), &binding)?;
        let zone = own_zone::known(call, arguments.time_zone.as_deref()).await?;
        let listing = FolderListing {
            drive: &drive,
            folder: &folder,
            ownership: Ownership::of(call, &drive).await?,
            limit: arguments.limit.unwrap_or(DEFAULT_LIMIT),
            zone: zone.as_ref(),
        };
        match entries(call, &listing, from, &binding).await {
            Ok((list, size)) => ToolAnswer::new(&list, size),
            Err(error) => Err(missing(call, &drive, error).await),
        }
    })
}

/// What lies in the folder. Where that is nothing, it must be a folder.
async fn entries(
    call: &ToolCall<'_>,
    listing: &FolderListing<'_>,
    from: Position,
    binding: &Binding<'_>,
) -> Result<(FolderList, usize), ToolError> {
    let is_start = from.is_start();
    let (list, size) = children(call, listing, from, binding).await?;
    if is_start && list.items.is_empty() {
        require_folder(call, listing.drive, listing.folder).await?;
    }
    Ok((list, size))
}

/// Of an error about something that is not there or not shared, what it is. Of a site and its library Graph does not say
/// it, and so is asked for the site alone, where the user's permissions let it be asked.
async fn missing(call: &ToolCall<'_>, drive: &DriveReference<'_>, error: ToolError) -> ToolError {
    let is_missing = error.is_unnamed() && error.is(ErrorCode::NotFound);
    match drive {
        DriveReference::Own if is_missing => no_drive(),
        DriveReference::Own | DriveReference::Id(_) => Sought::new("uri", Thing::Folder).explain(error),
        DriveReference::OfSite(_) if !is_missing => Sought::new("uri", Thing::Site).explain(error),
        DriveReference::OfSite(site) if call.graph.may_ask(SITE).await.unwrap_or(false) => {
            match site_itself(call, site).await {
                Ok(_) => no_library(),
                Err(refused) if refused.is_unnamed() => Sought::new("uri", Thing::Site).explain(refused),
                Err(_) => Sought::new("uri", Thing::SiteLibrary).explain(error),
            }
        }
        DriveReference::OfSite(_) => Sought::new("uri", Thing::SiteLibrary).explain(error),
    }
}

/// Graph makes the OneDrive of a licensed user when it is first asked for: where there is none, something keeps it away.
/// Source: <https://learn.microsoft.com/graph/api/drive-get>, "Get current user's OneDrive".
fn no_drive() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        About::argument("uri"),
        "The user has no OneDrive.",
        "me stands for the user's own OneDrive: the account has no licence for one, or it has not been made yet.",
        ADMINISTRATOR,
        "Ask the administrator whether the account should have a OneDrive. Folders of others and of sites can be listed: \
         sharepoint_folder_search finds them.",
    )
}

fn no_library() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        About::argument("uri"),
        "The site has no document library.",
        "the site is there, and has no default document library that the user can see.",
        MODEL,
        "read_resource with the same uri names the lists and libraries that it has, for sharepoint_list_items; \
         sharepoint_folder_search with siteUrl finds folders in it.",
    )
}

fn folder_of(uri: &str) -> Result<(DriveReference<'_>, std::borrow::Cow<'_, str>), ToolError> {
    if uri.eq_ignore_ascii_case("me") {
        return Ok((DriveReference::Own, "root".into()));
    }
    if uri.starts_with(SiteUri::ROOT) {
        let SiteUri { site } = SiteUri::parse("uri", uri)?;
        return Ok((DriveReference::OfSite(SiteReference::Id(site)), "root".into()));
    }
    if uri.starts_with(FileUri::ROOT) {
        let FileUri { drive, item } = FileUri::parse("uri", uri)?;
        return Ok((DriveReference::Id(drive), item));
    }
    Err(ToolError::invalid_argument(
        "uri",
        "no folder can be told from it.",
        "Give me for the user's own OneDrive, the file:/// uri of a folder, or the site:/// uri of a site; \
         sharepoint_folder_search finds folders, sharepoint_search finds sites.",
    ))
}

/// Nothing lies in a file: who lists one should hear of it, and not that it is empty.
async fn require_folder(
    user: &UserContext<'_>,
    drive: &DriveReference<'_>,
    folder: &str,
) -> Result<(), ToolError> {
    let request = item_request(drive, folder)?.query(QueryOption::Select, "id,file,folder,package");
    let body = user.graph.get(&request).await?;
    let item: DriveItem<'_> = body.parse()?;
    if item.file.is_none() {
        return Ok(());
    }
    Err(ToolError::invalid_argument(
        "uri",
        "it is a file, not a folder.",
        "Read the file with read_resource and the same uri.",
    ))
}
