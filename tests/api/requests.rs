//! What a tool's example asks Graph for, as its catalogue says.

use jiff::Timestamp;
use m365_connector::ContentPolicy;
use m365_connector::policy::AllowedSite;
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::showing;
use crate::calls::without_limits;
use crate::every_tool::every_profile;
use crate::world::{World, send};

/// If this failed, a tool would cost more than is told, or the example that a model is shown would not work. No limit makes
/// a batch go in parts here.
#[actix_web::test]
async fn an_example_makes_the_requests_that_are_told() {
    let world = World::offering(every_profile(), without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    for tool in every_profile().tools {
        let (_, example) = tool.description.rsplit_once("Example: ").unwrap();
        let example = with_ids(&world, &token, serde_json::from_str(example).unwrap()).await;
        let first = world.call(&token, tool.name, example.clone()).await;
        assert_ne!(first["isError"], true, "{}: {first}", tool.name);
        world.forget_requests().await;
        world.call(&token, tool.name, example).await;
        let made = world.graph_round_trips().await;
        assert_eq!(made, usize::try_from(tool.warm_requests).unwrap(), "{}", tool.name);
    }
}

/// The most pieces of a text that one `fetch` puts together, as the document about the tools says.
const PIECES: usize = 5;

/// If this failed, a search of everything would cost more than is told, or reading what it has found.
#[rstest]
#[case::everything(ContentPolicy::default())]
#[case::one_site_alone(ContentPolicy { sites: Some(vec![AllowedSite::OwnDrive]), ..ContentPolicy::default() })]
#[actix_web::test]
async fn search_and_fetch_stay_within_what_is_told(#[case] content: ContentPolicy) {
    let newest = Timestamp::now();
    let world = World::written_before(every_profile(), newest, |settings| {
        without_limits(settings);
        showing(content)(settings);
    })
    .await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    // What policy hides can't be named; it is found in a world without one.
    let open = World::written_before(every_profile(), newest, without_limits).await;
    let known = open.known(&person, &open.token(&person).await).await;
    let most = |tool: &str| usize::try_from(every_profile().tool(tool).unwrap().most_requests).unwrap();
    world.answer(&token, "get_me", json!({})).await;
    for query in ["report", "the", "budget OR notice", "xyzzyplugh", "stand-up"] {
        world.forget_requests().await;
        world.call(&token, "search", json!({ "query": query })).await;
        let made = world.graph_round_trips().await;
        assert!((1..=most("search")).contains(&made), "{query}: {made} requests");
    }
    let resources = every_profile().resources.unwrap();
    for uri in &known.uris {
        world.forget_requests().await;
        world.call(&token, "fetch", json!({ "id": uri })).await;
        let made = world.graph_round_trips().await;
        let told = usize::try_from((resources.most_requests)(uri).unwrap()).unwrap();
        assert!(made <= PIECES * told && made <= most("fetch"), "{uri}: {made} requests, {told} are told");
    }
}

/// The ids in an example stand for those that the user has.
async fn with_ids(world: &World, token: &str, mut example: Value) -> Value {
    if example["chatId"].is_string() {
        example["chatId"] = world.chat(token, "Lunch").await["uri"].clone();
    }
    if example["teamId"].is_string() {
        let general = world.channel(token, "Handbook", "General").await;
        example["teamId"] = json!(general.team);
        if example["channelId"].is_string() {
            example["channelId"] = json!(general.channel);
        }
    }
    example
}

/// If this failed, the resources of clients would be something else than what the tool reads.
#[actix_web::test]
async fn a_resource_is_what_read_resource_reads() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "resources/templates/list", json!({}))).await.json();
    let templates = listed["result"]["resourceTemplates"].as_array().unwrap();
    assert!(templates.iter().any(|template| template["uriTemplate"] == "mail:///messages/{id}"), "{listed}");

    let uri = "mail:///folders/Drafts";
    let request = world.modern(&token, "resources/read", json!({ "uri": uri }));
    let read = send(request.header("mcp-name", uri)).await.json();
    let contents = &read["result"]["contents"][0];
    let text: Value =
        serde_json::from_str(contents["text"].as_str().unwrap_or_else(|| panic!("{read}"))).unwrap();
    let by_tool =
        world.call(&token, "read_resource", json!({ "uri": uri })).await["structuredContent"].clone();
    assert_eq!(text["items"], by_tool["items"]);
    assert_eq!(text["kind"], "folder");
}

/// If this failed, "today" would begin at another time than the user's day.
#[actix_web::test]
async fn the_users_own_zone_is_asked_for_once_a_session() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let today = json!({ "afterDateTime": "today", "limit": 1 });
    let first = world.call(&token, "outlook_email_search", today.clone()).await;
    let zone = first["structuredContent"]["understood"]["timeZone"].as_str().unwrap().to_owned();
    assert_ne!(zone, "UTC", "{first}");
    assert_eq!(world.graph_requests().await, 3);
    let again = world.call(&token, "outlook_email_search", json!({ "limit": 1 })).await;
    assert_eq!(again["structuredContent"]["understood"]["timeZone"], zone);
    assert_eq!(world.graph_requests().await, 4);
}
