//! The body of a search: one request, and the rules that it must keep.

use serde_json::{Map, Value};

use super::aggregation::Aggregation;
use super::aggregation_filter::AggregationFilter;
use super::property::{flag, invalid, number, texts};
use super::refusal::SearchRefusal;
use super::sort::SortKey;
use crate::graph::findable::Entity;
use crate::graph::request::Payload;

const DEFAULT_SIZE: usize = 25;
const MAX_SORTS: usize = 5;
/// What a request may say, whether or not it changes anything here.
const KNOWN: &[&str] = &[
    "@odata.type",
    "entityTypes",
    "query",
    "from",
    "size",
    "fields",
    "contentSources",
    "enableTopResults",
    "sortProperties",
    "aggregations",
    "aggregationFilters",
    "collapseProperties",
    "queryAlterationOptions",
    "resultTemplateOptions",
    "trimDuplicates",
    "region",
    "sharePointOneDriveOptions",
];

/// A search, checked.
#[derive(Debug)]
pub(super) struct SearchRequest {
    /// At least one, and only such as may stand together.
    pub(super) entities: Vec<Entity>,
    /// In KQL, the template applied.
    pub(super) query: String,
    pub(super) from: usize,
    pub(super) size: usize,
    pub(super) fields: Vec<String>,
    pub(super) sort: Vec<SortKey>,
    pub(super) order: Order,
    pub(super) aggregations: Vec<Aggregation>,
    /// All of them hold for whatever is found.
    pub(super) filters: Vec<AggregationFilter>,
    pub(super) duplicates: Duplicates,
}

/// In which order messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Usual,
    /// The three most relevant ones before all others.
    TopResults,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Kept,
    Trimmed,
}

impl SearchRequest {
    pub(super) fn parse(payload: Payload<'_>) -> Result<Self, SearchRefusal> {
        let media = payload.content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media.trim().eq_ignore_ascii_case("application/json") {
            return Err(SearchRefusal::Unreadable);
        }
        let body: Value = serde_json::from_slice(payload.bytes).map_err(|_| SearchRefusal::Unreadable)?;
        let requests = body.get("requests").and_then(Value::as_array);
        match requests.ok_or(SearchRefusal::Missing("requests"))?.as_slice() {
            [Value::Object(request)] => read(request),
            [_] => Err(invalid("requests", "a collection of objects")),
            requests => Err(SearchRefusal::Requests(requests.len())),
        }
    }
}

fn read(request: &Map<String, Value>) -> Result<SearchRequest, SearchRefusal> {
    if let Some(unknown) = request.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(SearchRefusal::UnknownProperty(unknown.clone()));
    }
    for property in ["region", "sharePointOneDriveOptions"] {
        if request.get(property).is_some_and(|value| !value.is_null()) {
            return Err(SearchRefusal::ForApplications(property));
        }
    }
    let entities = entities(request)?;
    let first = entities[0];
    for property in ["aggregations", "aggregationFilters"] {
        let is_empty = request.get(property).and_then(Value::as_array).is_none_or(Vec::is_empty);
        if !is_empty && !first.is_of_sharepoint() {
            return Err(SearchRefusal::Unsupported { property, entity: first.name() });
        }
    }
    let size = number(request, "size")?.unwrap_or(DEFAULT_SIZE);
    let max = entities.iter().map(|entity| entity.max_size()).min().unwrap_or(DEFAULT_SIZE);
    if size > max {
        return Err(SearchRefusal::Size { size, max, entity: first.name() });
    }
    let order = if flag(request, "enableTopResults")? { Order::TopResults } else { Order::Usual };
    if order == Order::TopResults && !matches!(first, Entity::Message | Entity::ChatMessage) {
        return Err(SearchRefusal::Unsupported { property: "enableTopResults", entity: first.name() });
    }
    Ok(SearchRequest {
        query: query(request)?,
        from: number(request, "from")?.unwrap_or(0),
        size,
        fields: texts(request, "fields")?,
        sort: sort(request, &entities)?,
        order,
        aggregations: aggregations(request)?,
        filters: filters(request)?,
        duplicates: if flag(request, "trimDuplicates")? { Duplicates::Trimmed } else { Duplicates::Kept },
        entities,
    })
}

fn entities(request: &Map<String, Value>) -> Result<Vec<Entity>, SearchRefusal> {
    let names = texts(request, "entityTypes")?;
    let mut entities = Vec::with_capacity(names.len());
    for name in names {
        let entity = Entity::parse(&name).ok_or(SearchRefusal::UnknownEntity(name))?;
        if !entities.contains(&entity) {
            entities.push(entity);
        }
    }
    let (first, rest) = entities.split_first().ok_or(SearchRefusal::Missing("entityTypes"))?;
    let odd = rest.iter().find(|other| !first.goes_with(**other));
    match odd {
        Some(odd) => Err(SearchRefusal::Combination(first.name(), odd.name())),
        None => Ok(entities),
    }
}

/// `queryString`, put into `queryTemplate` where there is one.
fn query(request: &Map<String, Value>) -> Result<String, SearchRefusal> {
    let query = request.get("query").ok_or(SearchRefusal::Missing("query"))?;
    let text = query.get("queryString").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text = text.ok_or(SearchRefusal::Missing("query/queryString"))?;
    match query.get("queryTemplate") {
        None | Some(Value::Null) => Ok(text.to_owned()),
        Some(Value::String(template)) if template.trim().is_empty() => Ok(text.to_owned()),
        Some(Value::String(template)) => Ok(template.replace("{searchTerms}", text)),
        Some(_) => Err(invalid("query/queryTemplate", "a text")),
    }
}

fn aggregations(request: &Map<String, Value>) -> Result<Vec<Aggregation>, SearchRefusal> {
    match request.get("aggregations") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(sent)) => sent.iter().map(Aggregation::parse).collect(),
        Some(_) => Err(invalid("aggregations", "a collection of objects")),
    }
}

fn filters(request: &Map<String, Value>) -> Result<Vec<AggregationFilter>, SearchRefusal> {
    texts(request, "aggregationFilters")?.iter().map(|text| AggregationFilter::parse(text)).collect()
}

fn sort(request: &Map<String, Value>, entities: &[Entity]) -> Result<Vec<SortKey>, SearchRefusal> {
    let sent = match request.get("sortProperties") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(sent)) => sent,
        Some(_) => return Err(invalid("sortProperties", "a collection")),
    };
    if let Some(entity) = entities.iter().find(|entity| !entity.is_sortable()).filter(|_| !sent.is_empty()) {
        return Err(SearchRefusal::Unsupported { property: "sortProperties", entity: entity.name() });
    }
    if sent.len() > MAX_SORTS {
        return Err(SearchRefusal::SortCount);
    }
    sent.iter().map(SortKey::parse).collect()
}
