//! The connector only reads, asks nobody but Microsoft, and opens nothing that it has read of: proved by what the other
//! side saw while every tool was called with every argument.

use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::json;

use crate::calls::without_limits;
use crate::canary::Canary;
use crate::visitor::Visitor;
use crate::world::World;

/// The POSTs of Graph's that read.
const READING_POSTS: &[&str] = &[
    "/v1.0/search/query",
    "/v1.0/me/calendar/getSchedule",
    "/v1.0/me/findMeetingTimes",
    // Its items stand in the record one by one, and are held against the same rule.
    "/v1.0/$batch",
];

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
