//! `sharepoint_folder_search`, and folders by their names.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{SEARCH, SEARCH_FILES, require_search};
use super::found::{FoundPage, Hit, Search};
use super::hit_list::{LookedAt, listed};
use super::searched_site::{require_site, site_to_search};
use super::site_address::SiteAddress;
use crate::graph::{
    EntityType, GraphRequest, HitPage, Question, SearchAnswer, SearchQuestion, SearchRequest, SearchText,
    SharePointHit, kql_value,
};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::list::List;
use crate::tools::own_zone;
use crate::tools::pages::Start;
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::words::has_word;

const DEFAULT_LIMIT: u32 = 10;
/// Folders of one name that a search looks into.
const MOST_FOLDERS: usize = 20;
/// Folders whose names have words that begin like those of a name: among as many it is looked for. A page of the service's.
const MOST_CANDIDATES: u32 = 200;

pub(in crate::tools) const SHAREPOINT_FOLDER_SEARCH: Tool = Tool {
    name: "sharepoint_folder_search",
    title: "Find folders",
    description: "Finds folders in SharePoint and OneDrive by name; long names are cut. List one with sharepoint_list_folder and its uri. \
                  Example: {\"name\": \"Reports\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<List<Hit>>),
    scopes: SEARCH,
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: 1 + FoundPage::MOST_REQUESTS,
    run: folder_search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Name, or the beginnings of its words.
    #[serde(deserialize_with = "required_text::<_, 400>")]
    #[schemars(example = &"Reports")]
    name: String,
    /// https address or site:/// uri.
    #[serde(default, deserialize_with = "text::<_, 2000>")]
    #[schemars(example = &"https://contoso.sharepoint.com/sites/sales")]
    site_url: Option<String>,
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
}

fn folder_search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, SHAREPOINT_FOLDER_SEARCH.name, &arguments);
        let start = Start::<LookedAt>::of(call, arguments.cursor.as_deref(), &binding)?;
        if !has_word(&arguments.name) {
            return Err(ToolError::invalid_argument(
                "name",
                "there is no word in it.",
                "Give at least one word of the folder's name.",
            ));
        }
        require_search(call.graph.lease().await?.scopes())?;
        let (site, whole) = match arguments.site_url.as_deref() {
            Some(site) => site_to_search(call, site).await.map(|(site, whole)| (Some(site), whole))?,
            None => (None, None),
        };
        let size = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let review = Review::of(call);
        let known = own_zone::known(call, None).await?;
        let (zone, page) = Search {
            entity_types: vec![EntityType::DriveItem],
            query_string: folders_called(&arguments.name, site.as_ref()),
            from: start.at,
            size,
            opened_by: SEARCH_FILES,
        }
        .page(call, start.zone().or(known.as_ref()), &review)
        .await?;
        let unchecked = match arguments.site_url.as_deref() {
            Some(site) if page.is_of_nothing(start.at) => require_site(call, site).await?,
            _ => None,
        };
        let bytes = page.bytes;
        let list: List<Hit> = listed(call, page, (&start, size, &zone), &binding, &review)?;
        ToolAnswer::new(&list.notes(whole).notes(unchecked), bytes)
    })
}

/// Folders in whose names these words begin words.
fn folders_called(name: &str, site: Option<&SiteAddress>) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut clauses: Vec<String> =
        words.map(|word| format!("filename:{}", kql_value(&format!("{word}*")))).collect();
    clauses.push("isDocument:false".to_owned());
    clauses.extend(site.map(SiteAddress::clause));
    // Side by side two restrictions of one property would be alternatives.
    clauses.join(" AND ")
}

/// The addresses of the folders that are called exactly `name`, whatever its case.
pub(super) async fn exact_folders(
    call: &ToolCall<'_>,
    name: &str,
    site: Option<&SiteAddress>,
) -> Result<Vec<String>, ToolError> {
    let request = SearchRequest {
        entity_types: vec![EntityType::DriveItem],
        query: SearchText { query_string: folders_called(name, site) },
        from: 0,
        size: MOST_CANDIDATES,
        fields: Vec::new(),
        sort_properties: Vec::new(),
        enable_top_results: false,
    };
    let request = GraphRequest::ask(Question::Search(SearchQuestion::new(request)), SEARCH_FILES);
    let body = call.graph.get(&request).await?;
    let HitPage { hits, has_more, .. } = body.parse::<SearchAnswer<SharePointHit<'_>>>()?.into_page();
    let folders: Vec<String> = hits
        .into_iter()
        .filter(|hit| {
            hit.resource.name.as_deref().is_some_and(|known| known.to_lowercase() == name.to_lowercase())
        })
        .filter_map(|hit| hit.resource.web_url.map(|url| url.to_string()))
        .collect();
    match folders.len() {
        _ if has_more => Err(too_many(format!(
            "more than {MOST_CANDIDATES} folders have names with words that begin like that."
        ))),
        0 => Err(folder_not_found()),
        1..=MOST_FOLDERS => Ok(folders),
        many => Err(too_many(format!("{many} folders are called that."))),
    }
}

fn too_many(reason: String) -> ToolError {
    ToolError::invalid_argument(
        "folderName",
        reason,
        "Give siteUrl as well, or the file:/// uri of the folder; sharepoint_folder_search lists them.",
    )
}

pub(super) fn folder_not_found() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        About::argument("folderName"),
        "There is no such folder.",
        "no folder that the user can see is called that.",
        MODEL,
        "Find the folder with sharepoint_folder_search and give its uri, or leave folderName out.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, files would be found as folders, or a name could bring a search of its own.
    #[test]
    fn a_name_becomes_words_of_folders() {
        let site = SiteAddress::Below("https://contoso.example/sites/a".to_owned());
        let expected = "filename:\"Joint*\" AND filename:\"plan*\" AND filename:\"OR*\" AND isDocument:false AND \
                        path:\"https://contoso.example/sites/a\"";
        assert_eq!(folders_called("Joint plan\" (OR", Some(&site)), expected);
    }
}
