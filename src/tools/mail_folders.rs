//! `outlook_list_folders`.

use std::borrow::Cow;
use std::collections::VecDeque;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{self, text};
use super::cursor::{self, Binding};
use super::error::ToolError;
use super::line::clean_line;
use super::list::{Ended, List, NotEchoed};
use super::mail_folder_names::{
    FolderArgument, PATH_REQUESTS, RESOLVE_REQUESTS, children_request, path_below, path_of, resolve,
};
use super::mailbox::{MAIL, Mailbox, OWNER_REQUESTS, OwnerArgument};
use super::pages::{Gathering, LONG, Length, NO_CURSOR, NoWayOn, Shaped, link_of};
use super::review::{Review, Reviewed};
use super::schema;
use super::sought::{Sought, Thing};
use super::text::Sanitizer;
use super::tool::{Tool, ToolAnswer, ToolCall};
use crate::graph::{GraphError, GraphRequest, MailFolder, Page, PathSegment};

/// Requests of one call.
const REQUESTS: u32 = 30;
/// Once an answer has so many folders, it ends with its page.
const FOLDERS: usize = 200;
/// In bytes: about how much a folder takes in an answer. Where names are long, it ends sooner.
const FOLDER_BYTES: usize = 400;
/// Where one call has asked and given enough; whether a further page holds anything nobody knows.
const UNFINISHED: &str = "The list is not over; go on with nextCursor.";
/// Where what is still to be opened does not fit into a cursor.
const TOO_MANY: &str =
    "There are too many folders to list at once; list the subfolders of single folders with parent.";
/// In bytes: the longest path of names.
const LONGEST_PATH: usize = 2_000;

pub(super) const OUTLOOK_LIST_FOLDERS: Tool = Tool {
    name: "outlook_list_folders",
    title: "List mail folders",
    description: "The user's mail folders with unread and total counts. Use it to find a folder's name or uri. \
                  Example: {\"parent\": \"Inbox\", \"recursive\": true}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<FolderList>),
    scopes: MAIL,
    client_capabilities: &[],
    warm_requests: 4,
    most_requests: OWNER_REQUESTS + RESOLVE_REQUESTS + PATH_REQUESTS + REQUESTS,
    run: list_folders,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Folder above: name, path (Inbox/Projects), uri or id. Default: the top level.
    #[serde(default, deserialize_with = "text::<_, LONGEST_PATH>")]
    #[schemars(example = &"Inbox/Projects")]
    parent: Option<String>,
    /// Address of somebody who shares the mailbox with the user.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"adele@contoso.example")]
    mailbox_owner_email: Option<String>,
    /// With the subfolders of subfolders.
    #[serde(default)]
    #[schemars(example = true)]
    recursive: Option<bool>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
}

/// An answer; its texts are its own, for they come from many pages.
pub(super) type FolderList = List<Folder, NotEchoed>;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Folder {
    /// For read_resource.
    uri: String,
    name: String,
    /// Names from the top level down, joined by slashes: good as folderName of a search.
    path: String,
    unread: u32,
    total: u32,
    subfolders: u32,
}

/// Which levels are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    One,
    All,
}

/// Where a listing goes on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Position {
    /// The next page of the first pending folder.
    link: Option<String>,
    /// Folders of that page to pass over.
    skip: usize,
    pending: VecDeque<Pending>,
}

/// A folder whose subfolders are still to be listed; without an id, the top level.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    id: Option<String>,
    /// From the top level down.
    path: String,
}

fn list_folders<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, OUTLOOK_LIST_FOLDERS.name, &arguments);
        let cursor = arguments.cursor.as_deref();
        let given = cursor.map(|cursor| call.cursors.open(cursor, &binding, call.clock.now())).transpose()?;
        let parent =
            arguments.parent.as_deref().map(|text| FolderArgument::parse("parent", text)).transpose()?;
        let owner = arguments.mailbox_owner_email.as_deref().map(OwnerArgument::email).transpose()?;
        let mailbox = Mailbox::of(call, owner).await?;
        let depth = if arguments.recursive == Some(true) { Depth::All } else { Depth::One };
        let folders = async {
            let position = match given {
                Some(position) => position,
                None => beginning(call, mailbox, parent).await?,
            };
            list(call, mailbox, depth, position, &binding).await
        };
        let sought = parent.map(|parent| Sought::new(parent.name, Thing::MailFolder));
        let folders = folders.await.map_err(|error| OwnerArgument::explain(owner, sought, error))?;
        ToolAnswer::new(&folders, expected_size(&folders))
    })
}

/// The level below `parent`, or the top one.
async fn beginning(
    call: &ToolCall<'_>,
    mailbox: Mailbox<'_>,
    parent: Option<FolderArgument<'_>>,
) -> Result<Position, ToolError> {
    let Some(parent) = parent else { return Ok(Position::default()) };
    let folder = resolve(call, mailbox, parent).await?;
    let path = path_of(call.graph, mailbox, &folder.key).await?;
    Ok(Position::below(Pending { id: Some(folder.key.into_owned()), path }))
}

/// About how long the JSON of a list is, in bytes.
pub(super) fn expected_size(list: &FolderList) -> usize {
    FOLDER_BYTES * (list.items.len() + 1) + list.next_cursor.as_ref().map_or(0, String::len)
}

impl Position {
    fn below(parent: Pending) -> Self {
        Self { link: None, skip: 0, pending: VecDeque::from([parent]) }
    }
}

/// The beginning of the top level.
impl Default for Position {
    fn default() -> Self {
        Self::below(Pending::default())
    }
}

/// Lists from `position` on, level by level, within the bounds of one call.
pub(super) async fn list(
    call: &ToolCall<'_>,
    mailbox: Mailbox<'_>,
    depth: Depth,
    mut position: Position,
    binding: &Binding<'_>,
) -> Result<FolderList, ToolError> {
    let review = Review::of(call);
    let mut listing =
        Listing { mailbox, depth, review: &review, length: Length::of_a_list(), folders: Vec::new() };
    let mut stopped: Option<&'static str> = None;
    let mut gathering = Gathering::new(call, REQUESTS);
    while let Some(current) = position.pending.front().cloned() {
        if listing.folders.len() >= FOLDERS {
            stopped = Some(UNFINISHED);
            break;
        }
        let request = request_of(mailbox, &current)?;
        let body = match gathering.page(&request, position.link.as_deref()).await? {
            Ok(body) => body,
            Err(stop) => {
                stopped = Some(stop.reason());
                break;
            }
        };
        let page: Page<'_, MailFolder<'_>> = body.parse()?;
        if let Filled::Long = listing.take(page.value, &current.path, &mut position)? {
            stopped = Some(LONG);
            break;
        }
        let Some(link) = link_of(page.next_link) else {
            position.link = None;
            position.pending.pop_front();
            continue;
        };
        if let Err(NoWayOn) = gathering.turn(&request, &mut position.link, link) {
            return List::new(listing.folders, Ended::Partial(NO_CURSOR.into()), None, &review);
        }
    }
    let (ended, next_cursor) = match stopped {
        None => (Ended::Complete, None),
        Some(reason) => match call.cursors.seal(&position, binding, call.clock.now())? {
            Some(cursor) => (Ended::Partial(reason.into()), Some(cursor)),
            None => (Ended::Partial(TOO_MANY.into()), None),
        },
    };
    List::new(listing.folders, ended, next_cursor, &review)
}

/// The folders of one answer.
struct Listing<'l> {
    mailbox: Mailbox<'l>,
    depth: Depth,
    review: &'l Review<'l>,
    length: Length,
    folders: Vec<Reviewed<Folder>>,
}

/// How much of a page was taken.
enum Filled {
    All,
    /// There was no room for the folder at which the position stands now.
    Long,
}

impl Listing<'_> {
    /// Takes the folders of a page from the position on, and notes whose subfolders are still to be listed.
    fn take(
        &mut self,
        page: Vec<MailFolder<'_>>,
        above: &str,
        position: &mut Position,
    ) -> Result<Filled, ToolError> {
        let Self { mailbox, depth, review, length, folders } = self;
        for (place, found) in page.into_iter().enumerate().skip(position.skip) {
            let id = found.id.to_string();
            let shaped = length.keep(review, || {
                let shape = |found: MailFolder<'_>| shape(found, above, *mailbox, review.texts());
                Ok(review.admit(found).map(|found| found.shape(|found, _| shape(found))))
            })?;
            match shaped {
                Shaped::NotShown => {}
                Shaped::TooLong => {
                    position.skip = place;
                    return Ok(Filled::Long);
                }
                Shaped::Shown(folder) => {
                    let Folder { subfolders, path, .. } = folder.peek();
                    if *depth == Depth::All && *subfolders > 0 {
                        position.pending.push_back(Pending { id: Some(id), path: path.clone() });
                    }
                    folders.push(folder);
                }
            }
        }
        position.skip = 0;
        Ok(Filled::All)
    }
}

fn request_of(mailbox: Mailbox<'_>, current: &Pending) -> Result<GraphRequest, GraphError> {
    let parent =
        current.id.as_deref().map(PathSegment::new).transpose().map_err(|_| GraphError::Unintelligible)?;
    Ok(children_request(mailbox, parent))
}

fn shape(found: MailFolder<'_>, above: &str, mailbox: Mailbox<'_>, sanitizer: &Sanitizer) -> Folder {
    let name = found
        .display_name
        .map_or(Cow::Borrowed(""), |name| clean_line(sanitizer, name.into_cow()))
        .into_owned();
    let path = path_below(above, &name, &found.id);
    Folder {
        uri: mailbox.folder_uri(&found.id),
        name,
        path,
        unread: found.unread_item_count.unwrap_or_default(),
        total: found.total_item_count.unwrap_or_default(),
        subfolders: found.child_folder_count.unwrap_or_default(),
    }
}
