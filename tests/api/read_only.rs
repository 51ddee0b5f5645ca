//! The connector only reads, asks nobody but Microsoft, and opens nothing that it has read of: proved by what the other
//! side saw while every tool was called with every argument.

use std::collections::BTreeSet;

use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::{Known, without_limits};
use crate::canary::Canary;
use crate::world::{World, send};

/// The POSTs of Graph's that read.
const READING_POSTS: &[&str] = &[
    "/v1.0/search/query",
    "/v1.0/me/calendar/getSchedule",
    "/v1.0/me/findMeetingTimes",
    // Its items stand in the record one by one, and are held against the same rule.
    "/v1.0/$batch",
];

/// A visitor who calls, and keeps account of what was called.
struct Visitor<'w> {
    world: &'w World,
    token: String,
    /// `tool.argument`, and `tool.argument[].member` for what stands within lists.
    sent: BTreeSet<String>,
    answered: BTreeSet<String>,
    /// What came back, but for errors.
    heard: Vec<String>,
}

impl<'w> Visitor<'w> {
    fn new(world: &'w World, token: String) -> Self {
        Self { world, token, sent: BTreeSet::new(), answered: BTreeSet::new(), heard: Vec::new() }
    }

    /// Every argument of every tool that is offered, and of every tool an answer.
    async fn assert_all_was_sent(&self) {
        for (tool, schema) in self.schemas().await {
            assert!(self.answered.contains(&tool), "no call of {tool} had an answer");
            let unsent: Vec<String> =
                names(&tool, "", &schema).into_iter().filter(|name| !self.sent.contains(name)).collect();
            assert!(unsent.is_empty(), "never sent: {unsent:?}");
        }
    }

    /// Calls, and follows the cursor to one more page where there is one.
    async fn call(&mut self, tool: &str, mut arguments: Value) {
        for _ in 0..2 {
            self.note(tool, "", &arguments);
            let answer = self.world.call(&self.token, tool, arguments.clone()).await;
            if answer["isError"] == true {
                return;
            }
            self.answered.insert(tool.to_owned());
            self.heard.push(answer["structuredContent"].to_string());
            let next = answer["structuredContent"]["nextCursor"].clone();
            if next.is_null() {
                return;
            }
            arguments["cursor"] = next;
        }
    }

    fn note(&mut self, tool: &str, at: &str, arguments: &Value) {
        for (name, value) in arguments.as_object().into_iter().flatten() {
            self.sent.insert(format!("{tool}.{at}{name}"));
            for element in value.as_array().into_iter().flatten() {
                self.note(tool, &format!("{at}{name}[]."), element);
            }
        }
    }

    /// The same by every way that there is besides tools.
    async fn read_and_ask(&mut self, uris: &[String]) {
        for uri in uris {
            self.call("read_resource", json!({ "uri": uri })).await;
            let read = self.ask("resources/read", json!({ "uri": uri }), Some(uri)).await;
            assert!(read["result"]["contents"].is_array(), "{uri}: {read}");
        }
        self.ask("resources/list", json!({}), None).await;
        let templates = self.ask("resources/templates/list", json!({}), None).await;
        for template in templates["result"]["resourceTemplates"].as_array().unwrap() {
            let pattern = template["uriTemplate"].as_str().unwrap();
            assert!(uris.iter().any(|uri| fits(pattern, uri)), "nothing was read of {pattern}");
            for variable in variables(pattern) {
                self.complete(&json!({ "type": "ref/resource", "uri": pattern }), variable).await;
            }
        }
        let prompts = self.ask("prompts/list", json!({}), None).await;
        for prompt in prompts["result"]["prompts"].as_array().unwrap() {
            let mut filled = json!({});
            for argument in prompt["arguments"].as_array().unwrap() {
                let name = argument["name"].as_str().unwrap();
                filled[name] = json!("handbook");
                self.complete(&json!({ "type": "ref/prompt", "name": prompt["name"] }), name).await;
            }
            let got = json!({ "name": prompt["name"], "arguments": filled });
            let got = self.ask("prompts/get", got, None).await;
            assert!(got["result"]["messages"].is_array(), "{got}");
        }
    }

    async fn complete(&self, reference: &Value, argument: &str) {
        for typed in ["", "a", "handbook"] {
            let params = json!({ "ref": reference, "argument": { "name": argument, "value": typed } });
            let completed = self.ask("completion/complete", params, None).await;
            assert!(completed["result"]["completion"].is_object(), "{completed}");
        }
    }

    async fn ask(&self, method: &str, params: Value, name: Option<&str>) -> Value {
        let mut request = self.world.modern(&self.token, method, params);
        if let Some(name) = name {
            request = request.header("mcp-name", name);
        }
        send(request).await.json()
    }

    /// Everything that there is to call, once.
    async fn everything(&mut self, known: &Known) {
        for (tool, arguments) in known.calls() {
            self.call(tool, arguments).await;
        }
        for (tool, schema) in self.schemas().await {
            for (argument, property) in schema["properties"].as_object().into_iter().flatten() {
                for value in words(property) {
                    let mut arguments = known.good(&tool);
                    arguments[argument] = value;
                    self.call(&tool, arguments).await;
                }
            }
        }
    }

    async fn schemas(&self) -> Vec<(String, Value)> {
        let listed = self.ask("tools/list", json!({}), None).await;
        let tools = listed["result"]["tools"].as_array().unwrap().clone();
        tools
            .into_iter()
            .map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool["inputSchema"].clone()))
            .collect()
    }
}

/// All values of an argument that has few.
fn words(property: &Value) -> Vec<Value> {
    match property["type"].as_str() {
        Some("boolean") => vec![json!(false), json!(true)],
        _ => property["enum"].as_array().cloned().unwrap_or_default(),
    }
}

/// The names of everything that an object of this schema can hold, as [`Visitor::sent`] has them.
fn names(tool: &str, at: &str, schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let within = |(name, property): (&String, &Value)| {
        let elements = names(tool, &format!("{at}{name}[]."), &property["items"]);
        std::iter::once(format!("{tool}.{at}{name}")).chain(elements).collect::<Vec<_>>()
    };
    properties.flat_map(within).collect()
}

/// The segments of a template or of the uri of one, without what follows a question mark.
fn segments(uri: &str) -> impl Iterator<Item = &str> {
    uri.split('?').next().unwrap_or_default().split('/')
}

fn fits(template: &str, uri: &str) -> bool {
    // Addresses are shared as they are, slashes and all.
    if let Some(encoded) = template.strip_suffix("{encodedUrl}") {
        return uri.starts_with(encoded);
    }
    let is_same = |(pattern, segment): (&str, &str)| pattern.starts_with('{') || pattern == segment;
    segments(template).count() == segments(uri).count() && segments(template).zip(segments(uri)).all(is_same)
}

fn variables(template: &str) -> impl Iterator<Item = &str> {
    segments(template).filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Every list of folders is short, so that its cursor comes only where Graph does not give the rest.
async fn follow_folders(visitor: &mut Visitor<'_>) {
    let half = json!({ "service": "graph", "path_prefix": "/me/mailFolders/", "status": 501 });
    visitor.world.fault(half).await;
    visitor.call("outlook_list_folders", json!({ "recursive": true })).await;
    visitor.world.clear_faults().await;
}

/// What the other side saw: reads alone, the user's token at Graph alone, and requests to Microsoft's own doors alone.
async fn assert_only_reads(world: &World) {
    let (graph, files) = (world.stage.simulator_url(), world.stage.simulator.download_base_url());
    let seen = world.requests().await;
    assert!(seen.len() < 10_000, "the record has room for no more");
    for request in &seen {
        let text = |member: &str| request[member].as_str().unwrap();
        let header = |name: &str| request["headers"][name].as_str().unwrap_or_default();
        let (method, path) = (text("method"), text("path"));
        let expected_host = match text("service") {
            "graph" => {
                assert!(method == "GET" || method == "POST" && READING_POSTS.contains(&path), "{request}");
                assert!(header("authorization").starts_with("Bearer "), "{request}");
                graph
            }
            "entra" => {
                let is_exchange = method == "POST" && path.ends_with("/oauth2/v2.0/token");
                assert!(method == "GET" || is_exchange, "{request}");
                assert_eq!(
                    header("authorization"),
                    "",
                    "a user's token is a field of the exchange: {request}"
                );
                graph
            }
            "files" => {
                assert_eq!((method, header("authorization"), header("cookie")), ("GET", "", ""), "{request}");
                files
            }
            other => panic!("nobody knows {other}"),
        };
        if request["batch"] != true {
            assert_eq!(format!("http://{}", header("host")), expected_host, "{request}");
        }
        assert_ne!(request["status"], 405, "Graph was asked for what is no reading: {request}");
    }
    for service in ["graph", "entra", "files"] {
        assert!(seen.iter().any(|request| request["service"] == service), "{service} was never asked");
    }
}

/// If this failed, a tool could change something in Microsoft 365, or show a user's token to somebody else; or a new
/// tool or argument would be taken for harmless before anybody has seen what it does.
#[actix_web::test]
async fn every_tool_with_every_argument_only_reads() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let mut visitor = Visitor::new(&world, token);
    visitor.everything(&known).await;
    visitor.read_and_ask(&known.uris).await;
    follow_folders(&mut visitor).await;
    visitor.assert_all_was_sent().await;
    assert_only_reads(&world).await;
}

/// If this failed, the profile for clients that search and fetch alone would not be held to the same.
#[actix_web::test]
async fn search_and_fetch_only_read() {
    let world = World::offering(Catalogue::OPEN_AI, without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let mut visitor = Visitor::new(&world, token);
    for query in ["budget", "report", "the"] {
        visitor.call("search", json!({ "query": query })).await;
        let found = world.answer(&visitor.token, "search", json!({ "query": query })).await;
        for hit in found["results"].as_array().unwrap() {
            visitor.call("fetch", json!({ "id": hit["id"] })).await;
        }
    }
    visitor.assert_all_was_sent().await;
    assert_only_reads(&world).await;
}

/// If this failed, somebody who writes a mail, a file or a page could make the connector call where they like, with or
/// without the reader's token.
#[rstest]
#[case::addresses_in_content("links_foreign", "//localhost:")]
#[case::pages_that_lead_away("next_link_foreign", "can't be continued")]
#[actix_web::test]
async fn no_address_that_stands_in_an_answer_is_opened(#[case] distort: &str, #[case] sign: &str) {
    let canary = Canary::new();
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let mut visitor = Visitor::new(&world, token);
    let planted = json!({ "service": "graph", "distort": distort, "foreign_origin": canary.origin() });
    world.fault(planted).await;
    visitor.everything(&known).await;
    for uri in &known.uris {
        visitor.call("read_resource", json!({ "uri": uri })).await;
    }
    let schemas = visitor.schemas().await;
    assert!(schemas.iter().all(|(tool, _)| visitor.answered.contains(tool)), "{:?}", visitor.answered);
    let signs = visitor.heard.iter().filter(|answer| answer.contains(sign)).count();
    assert!(signs > 10, "the addresses came in {signs} answers alone");
    assert!(!canary.was_visited(), "an address of an answer was opened");
    canary.assert_it_sings();
    assert_only_reads(&world).await;
}

/// If this failed, whoever can make Graph redirect could have a file fetched from inside of the operator's network.
#[actix_web::test]
async fn no_redirect_leads_to_a_stranger() {
    let canary = Canary::new();
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    world
        .fault(
            json!({ "service": "graph", "distort": "redirect_foreign", "foreign_origin": canary.origin() }),
        )
        .await;
    for uri in &known.uris {
        let refused = world.call(&token, "read_resource", json!({ "uri": uri })).await;
        assert_eq!(refused["isError"], true, "{uri}: {refused}");
    }
    assert!(!canary.was_visited(), "a redirect was followed");
    canary.assert_it_sings();
}
