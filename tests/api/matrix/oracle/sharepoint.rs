//! Files, folders, sites and lists.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Expected, Graph, fits, is_within, text};
use crate::matrix::honoured::moment;

const EVERYTHING: &[&str] = &["driveItem", "listItem", "list", "site"];

fn address(resource: &Value) -> String {
    percent_decode_str(text(resource, "webUrl")).decode_utf8_lossy().into_owned()
}

/// Whether it is what stands at an address, or lies below it.
fn is_at(resource: &Value, place: &str) -> bool {
    let address = address(resource).to_lowercase();
    let rest = address.strip_prefix(place.to_lowercase().trim_end_matches('/')).map(str::to_owned);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn field(resource: &Value, name: &str) -> Value {
    let fields = [&resource["fields"], &resource["listItem"]["fields"]].map(Value::as_object);
    let mut fields = fields.into_iter().flatten().flatten();
    fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(Value::Null, |(_, value)| value.clone())
}

fn is_kind(resource: &Value, kind: &str) -> bool {
    resource["@odata.type"] == format!("#microsoft.graph.{kind}")
}

fn is_folder(resource: &Value) -> bool {
    is_kind(resource, "driveItem") && field(resource, "isDocument") == false
}

/// The address of the site of a `site:///` uri.
async fn site_address(graph: &Graph<'_>, uri: &Value) -> String {
    let id = uri.as_str().unwrap().strip_prefix("site:///").unwrap().to_owned();
    let site = graph.one(&format!("/sites/{id}")).await;
    address(&site)
}

/// `sharepoint_search`. What words find is the index's to say; all else is looked at here.
pub(super) async fn found(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let site = match arguments.get("siteUrl") {
        Some(uri) => Some(site_address(graph, uri).await),
        None => None,
    };
    let folders: Option<Vec<String>> = match arguments["folderName"].as_str() {
        Some(name) => {
            let all = graph.hits(&["driveItem"], "*").await;
            let called = all.iter().filter(|item| {
                is_folder(item) && item["name"] == name && site.as_ref().is_none_or(|site| is_at(item, site))
            });
            Some(called.map(address).collect())
        }
        None => None,
    };
    let entities: &[&str] = match arguments["kind"].as_str() {
        Some("file") => &["driveItem"],
        Some("page" | "listItem") => &["listItem"],
        Some("list") => &["list"],
        Some("site") => &["site"],
        _ => EVERYTHING,
    };
    let hits = graph.hits(entities, text(arguments, "query")).await;
    let is_asked_for = |hit: &&Value| {
        site.as_ref().is_none_or(|site| is_at(hit, site))
            && folders.as_ref().is_none_or(|folders| folders.iter().any(|folder| is_at(hit, folder)))
            && is_wanted(hit, arguments)
    };
    Expected::in_any_order(hits.iter().filter(is_asked_for).map(address))
}

fn is_wanted(hit: &Value, arguments: &Value) -> bool {
    let is_page = field(hit, "contentclass") == "STS_ListItem_WebPageLibrary";
    let author = field(hit, "author").as_str().unwrap_or_default().to_lowercase();
    let file_type = field(hit, "fileType").as_str().unwrap_or_default().to_lowercase();
    fits(arguments, "kind", |kind| match kind.as_str().unwrap() {
        "file" => field(hit, "isDocument") == true,
        "page" => is_page,
        "listItem" => {
            let class = field(hit, "contentclass").as_str().unwrap_or_default().to_owned();
            !is_page && field(hit, "isDocument") != true && !class.ends_with("DocumentLibrary")
        }
        _ => true,
    }) && fits(arguments, "fileType", |wanted| {
        wanted.as_str().unwrap().split(", ").any(|one| one == file_type)
    }) && fits(arguments, "author", |wanted| {
        author.split_whitespace().any(|word| word.starts_with(&wanted.as_str().unwrap().to_lowercase()))
    }) && (["afterDateTime", "beforeDateTime"].iter().all(|name| arguments.get(name).is_none())
        || hit["lastModifiedDateTime"].is_string()
            && is_within(moment(&hit["lastModifiedDateTime"]), arguments))
}

/// `sharepoint_folder_search`: folders in whose names the words begin words.
pub(super) async fn folders(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let site = match arguments.get("siteUrl") {
        Some(uri) => Some(site_address(graph, uri).await),
        None => None,
    };
    let wanted = text(arguments, "name").to_lowercase();
    let all = graph.hits(&["driveItem"], "*").await;
    let is_asked_for = |item: &&Value| {
        let name = text(item, "name").to_lowercase();
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        is_folder(item)
            && words.any(|word| word.starts_with(&wanted))
            && site.as_ref().is_none_or(|site| is_at(item, site))
    };
    Expected::in_any_order(all.iter().filter(is_asked_for).map(address))
}

/// `sharepoint_list_folder`: by name, as Graph gives them.
pub(super) async fn entries(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let uri = text(arguments, "uri");
    let folder = match uri.split_once(":///") {
        None => "/me/drive/root".to_owned(),
        Some(("site", id)) => format!("/sites/{id}/drive/root"),
        Some((_, path)) => {
            let (drive, item) = path.split_once('/').unwrap();
            format!("/drives/{drive}/items/{item}")
        }
    };
    let children = graph.all(&format!("{folder}/children?$top=200")).await;
    Expected::in_turn(
        children.iter().map(|entry| {
            format!("file:///{}/{}", text(&entry["parentReference"], "driveId"), text(entry, "id"))
        }),
    )
}

/// `sharepoint_list_items`, in the order of their ids.
pub(super) async fn list_items(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let site = text(arguments, "site");
    let site = graph.one(&format!("/sites/{}", site.strip_prefix("site:///").unwrap_or(site))).await;
    let name = text(arguments, "list").replace(' ', "%20");
    let list = graph.one(&format!("/sites/{}/lists/{name}", text(&site, "id"))).await;
    let (site, list) = (text(&site, "id"), text(&list, "id"));
    let items = graph.all(&format!("/sites/{site}/lists/{list}/items?$expand=fields&$top=200")).await;
    let conditions = arguments["filter"].as_array().cloned().unwrap_or_default();
    let is_asked_for = |item: &&Value| conditions.iter().all(|condition| holds(&item["fields"], condition));
    Expected::in_turn(items.iter().filter(is_asked_for).map(|item| text(item, "id").to_owned()))
}

fn holds(fields: &Value, condition: &Value) -> bool {
    let cell = &fields[text(condition, "column")];
    match text(condition, "op") {
        "eq" => *cell == condition["value"],
        "ne" => *cell != condition["value"],
        "ge" => cell.as_f64() >= condition["value"].as_f64(),
        other => panic!("nobody has said what {other} means: {}", json!(condition)),
    }
}
