//! `mailbox:///`: a mailbox as the import and export view shows it, archives too: folders and items, and nothing of what
//! is in them.
//!
//! Whoever reads one has to know its id: Graph tells it with User.Read.All alone, which this connector does not ask for.
//! Source: <https://learn.microsoft.com/graph/api/usersettings-list-exchange>.

use std::borrow::Cow;

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Kind, Read, Reading, Scheme};
use crate::graph::{ExportedFolder, ExportedItem, GraphRequest, PathSegment, QueryOption, Text};
use crate::policy::{ItemFacts, TenantPolicy};
use crate::tools::error::ToolError;
use crate::tools::list::{List, NotEchoed};
use crate::tools::pages::{MOST_PAGES, Opening, Position, collect, collect_short, entry};
use crate::tools::provenance::Origin;
use crate::tools::read_alone::ReadAlone;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Review, Reviewable, Withheld};
use crate::tools::sought::Thing;
use crate::tools::text::Fence;
use crate::tools::tool::{ScopeRule, ToolAnswer};
use crate::tools::uri::Family;
use crate::tools::zone::Zone;

const FOLDER_READ: &[&str] = &["MailboxFolder.Read"];
const ITEM_READ: &[&str] = &["MailboxItem.Read"];
/// Entries of one answer.
const LIMIT: usize = 50;

/// Tags of properties (MS-OXPROPS), and how they are asked for.
const SUBJECT: u16 = 0x0037;
const SENDER_NAME: u16 = 0x0c1a;
const SENDER_ADDRESS: u16 = 0x5d01;
const PROPERTIES: &str = "singleValueExtendedProperties($filter=id eq 'String 0x0037' or id eq 'String 0x0C1A' or \
                          id eq 'String 0x5D01')";

const FAMILY: Family = Family {
    root: "mailbox:///",
    forms: "mailbox:///{mailboxId}/folders, mailbox:///{mailboxId}/folders/{id} (folders below it), \
            mailbox:///{mailboxId}/folders/{id}/items, mailbox:///{mailboxId}/folders/{id}/items/{item}",
};

pub(in crate::tools) static MAILBOX_SCHEME: Scheme = Scheme {
    name: "mailbox",
    forms: FAMILY.forms,
    scopes: ScopeRule(&[FOLDER_READ, ITEM_READ]),
    most_requests: MOST_PAGES,
    part: |_| None,
    names: |_| Thing::Exported,
    kinds: &[
        Kind::of::<List<Folder<'_>>>("folders"),
        Kind::of::<List<Item>>("items"),
        Kind::of::<Item>("item"),
    ],
    templates: &[
        ResourceTemplate {
            uri_template: "mailbox:///{mailboxId}/folders",
            name: "exported-folders",
            title: "Folders of a mailbox or archive",
            description: "Folders as the import and export view shows them; archive mailboxes too. The user has to know the id.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "mailbox:///{mailboxId}/folders/{id}",
            name: "exported-subfolders",
            title: "Folders below a folder of a mailbox or archive",
            description: "One level of folders as the import and export view shows them.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "mailbox:///{mailboxId}/folders/{id}/items",
            name: "exported-items",
            title: "Items of a folder of a mailbox or archive",
            description: "Subject, sender, size and times of items; no content.",
            mime_type: "application/json",
        },
        ResourceTemplate {
            uri_template: "mailbox:///{mailboxId}/folders/{id}/items/{item}",
            name: "exported-item",
            title: "An item of a mailbox or archive",
            description: "Subject, sender, size and times of an item; no content.",
            mime_type: "application/json",
        },
    ],
    read,
};

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Folder<'a> {
    uri: String,
    name: Cow<'a, str>,
    items_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folders: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Cow<'a, str>>,
}

/// An item without its content. Subject and sender are what others wrote.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Item {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Sender>,
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
}

/// Nothing of it is more than a subject and names.
impl ReadAlone for Item {
    fn enclose(&mut self, _: Fence) {}
}

#[derive(Debug, Serialize, JsonSchema)]
struct Sender {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

/// A name and numbers: there is nothing to withhold.
impl Reviewable for ExportedFolder<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}

/// Subject, sender and times are what a list of mail shows anyway.
impl Reviewable for ExportedItem<'_> {
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        let author = Origin::of(self.property(SENDER_ADDRESS), policy);
        ItemFacts { mail_from: Some(author.into()), ..ItemFacts::default() }
    }

    fn withhold(&mut self) {}
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let ids = FAMILY.segments("uri", reading.uri)?;
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        match ids.as_slice() {
            [mailbox, "folders"] => folders(reading, mailbox, request(FOLDER_READ, mailbox)?).await,
            [mailbox, "folders", folder] => {
                let below = request(FOLDER_READ, mailbox)?.segment(segment(folder)?).part("/childFolders");
                folders(reading, mailbox, below).await
            }
            [mailbox, "folders", folder, "items"] => items(reading, mailbox, folder).await,
            [mailbox, "folders", folder, "items", id] => item(reading, mailbox, folder, id).await,
            _ => Err(FAMILY.refused("uri")),
        }
    })
}

fn request(opened_by: &'static [&'static str], mailbox: &str) -> Result<GraphRequest, ToolError> {
    let root = GraphRequest::get(Workload::Outlook, opened_by, "/admin/exchange/mailboxes");
    Ok(root.segment(segment(mailbox)?).part("/folders"))
}

fn items_request(mailbox: &str, folder: &str) -> Result<GraphRequest, ToolError> {
    Ok(request(ITEM_READ, mailbox)?.segment(segment(folder)?).part("/items"))
}

fn segment(id: &str) -> Result<PathSegment<'_>, ToolError> {
    PathSegment::new(id).map_err(|_| FAMILY.refused("uri"))
}

async fn folders(
    reading: &Reading<'_>,
    mailbox: &str,
    request: GraphRequest,
) -> Result<ToolAnswer, ToolError> {
    let Reading { call, binding, .. } = reading;
    let from = Position::of(call, reading.cursor, binding)?;
    let collected = collect(call, &request, from, LIMIT, |raw| Ok(Some(raw.to_owned()))).await?;
    let size = collected.size;
    let (raws, mut collected) = collected.take();
    let review = reading.review();
    for raw in &raws {
        let shaped = review.admit(entry::<ExportedFolder<'_>>(raw)?);
        collected.items.extend(shaped.map(|folder| {
            folder.shape(|folder, _| {
                let clean = |text: Text<'_>| review.clean_line(Cow::Owned(text.into_cow().into_owned()));
                Folder {
                    uri: FAMILY.uri(&[mailbox, "folders", &folder.id]),
                    items_uri: FAMILY.uri(&[mailbox, "folders", &folder.id, "items"]),
                    name: folder.display_name.map(clean).unwrap_or_default(),
                    items: folder.total_item_count,
                    folders: folder.child_folder_count,
                    class: folder.kind.map(clean),
                }
            })
        }));
    }
    let list: List<_, NotEchoed> = collected.into_list(call, binding, &review)?;
    ToolAnswer::new(&Read::list("folders", list), size)
}

async fn items(reading: &Reading<'_>, mailbox: &str, folder: &str) -> Result<ToolAnswer, ToolError> {
    let Reading { call, binding, .. } = reading;
    let request = items_request(mailbox, folder)?.query(QueryOption::Expand, PROPERTIES);
    let from = Position::of(call, reading.cursor, binding)?;
    let (zone, opening) = reading.beside(Opening::of(call, &request, from)).await?;
    let review = reading.review();
    let collected = collect_short(call, &request, opening, LIMIT, &review, |raw: &RawValue| {
        let shaped = review.admit(entry::<ExportedItem<'_>>(raw)?);
        Ok(shaped.map(|item| {
            item.shape(|item, withheld| shape(&item, (mailbox, folder), withheld, &zone, &review))
        }))
    })
    .await?;
    let size = collected.size;
    let list: List<_, NotEchoed> = collected.into_list(call, binding, &review)?;
    ToolAnswer::new(&Read::list("items", list), size)
}

async fn item(reading: &Reading<'_>, mailbox: &str, folder: &str, id: &str) -> Result<ToolAnswer, ToolError> {
    let request =
        items_request(mailbox, folder)?.segment(segment(id)?).query(QueryOption::Expand, PROPERTIES);
    let (zone, body) = reading.get(&request, ToolError::from).await?;
    let review = reading.review();
    let item = review
        .admit_one(body.parse::<ExportedItem<'_>>()?)?
        .shape(|item, withheld| shape(&item, (mailbox, folder), withheld, &zone, &review));
    ToolAnswer::new(&Read::item("item", item, &review)?, body.size())
}

fn shape(
    item: &ExportedItem<'_>,
    (mailbox, folder): (&str, &str),
    withheld: Option<Withheld>,
    zone: &Zone,
    review: &Review<'_>,
) -> Item {
    let clean = |text: &str| review.clean_line(Cow::Borrowed(text)).into_owned();
    let (name, address) = (item.property(SENDER_NAME).map(clean), item.property(SENDER_ADDRESS).map(clean));
    let is_known = name.is_some() || address.is_some();
    let created_utc = item.created_date_time.as_deref().map(str::to_owned);
    let modified_utc = item.last_modified_date_time.as_deref().map(str::to_owned);
    Item {
        uri: FAMILY.uri(&[mailbox, "folders", folder, "items", &item.id]),
        subject: item.property(SUBJECT).map(clean),
        origin: Origin::of(address.as_deref(), review.policy()),
        from: is_known.then_some(Sender { name, address }),
        created: created_utc.as_deref().and_then(|utc| zone.localise(utc)),
        created_utc,
        modified: modified_utc.as_deref().and_then(|utc| zone.localise(utc)),
        modified_utc,
        size: item.size,
        class: item.kind.as_deref().map(clean),
        withheld,
    }
}
