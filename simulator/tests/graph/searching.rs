//! Asks the simulated Microsoft Search.

use m365_simulator::graph::Caller;
use serde_json::{Value, json};

use crate::world::{Answer, WORLD};

pub(crate) const PATH: &str = "/search/query";

pub(crate) fn ask(caller: &Caller, request: &Value) -> Answer {
    WORLD.post_as(caller, PATH, &[], &json!({ "requests": [request] }).to_string())
}

/// The one container of a search that is taken.
pub(crate) fn search(caller: &Caller, request: &Value) -> Value {
    let answer = ask(caller, request);
    assert_eq!(answer.status, 200, "{request}: {:?}", answer.body);
    answer.body["value"][0]["hitsContainers"][0].clone()
}

pub(crate) fn of(entities: &[&str], query: &str) -> Value {
    json!({ "entityTypes": entities, "query": { "queryString": query } })
}

/// Up to 500 hits of things in SharePoint.
pub(crate) fn found(caller: &Caller, entities: &[&str], query: &str) -> Vec<Value> {
    let mut request = of(entities, query);
    request["size"] = 500.into();
    search(caller, &request)["hits"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn text<'a>(hit: &'a Value, pointer: &str) -> &'a str {
    hit.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn names(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| text(hit, "/resource/name")).collect()
}

pub(crate) fn is_kind(hit: &Value, ending: &str) -> bool {
    text(hit, "/resource/name").ends_with(ending)
}

pub(crate) fn every_item(caller: &Caller) -> Vec<Value> {
    let everything = every_page(caller, "*");
    assert!(everything.len() > 100);
    everything
}

pub(crate) fn every_page(caller: &Caller, query: &str) -> Vec<Value> {
    let mut hits: Vec<Value> = Vec::new();
    loop {
        let mut request = of(&["driveItem"], query);
        (request["from"], request["size"]) = (hits.len().into(), 200.into());
        let container = search(caller, &request);
        hits.extend(container["hits"].as_array().into_iter().flatten().cloned());
        if container["moreResultsAvailable"] == false {
            assert_eq!(container["total"], hits.len(), "of files the total is that of all pages");
            return hits;
        }
    }
}

pub(crate) fn uuid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
