//! Resources, prompts and completions, as clients of the protocol see them.

use m365_connector::tools::Completions;
use m365_connector::{AccessRules, Service, TenantSource};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

async fn ask(world: &World, token: &str, method: &str, params: Value) -> Value {
    send(world.modern(token, method, params)).await.json()
}

fn typing(reference: &Value, argument: &str, value: &str) -> Value {
    json!({ "ref": reference, "argument": { "name": argument, "value": value } })
}

async fn suggested(world: &World, token: &str, params: Value) -> Vec<String> {
    let answer = ask(world, token, "completion/complete", params).await;
    let values = answer["result"]["completion"]["values"].as_array().unwrap_or_else(|| panic!("{answer}"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// If this failed, clients would not offer what is there.
#[actix_web::test]
async fn everything_is_declared_and_listed() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let discovered = ask(&world, &token, "server/discover", json!({})).await;
    for capability in ["tools", "resources", "prompts", "completions"] {
        assert!(discovered["result"]["capabilities"][capability].is_object(), "{capability}: {discovered}");
    }
    let listed = ask(&world, &token, "resources/list", json!({})).await;
    let uris: Vec<&str> = listed["result"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris, ["mail:///folders/", "mail:///folders/Inbox"]);
    for uri in uris {
        let request = world.modern(&token, "resources/read", json!({ "uri": uri })).header("mcp-name", uri);
        let read = send(request).await.json();
        assert!(read["result"]["contents"][0]["text"].as_str().unwrap().contains("\"items\""), "{read}");
    }
    let templates = ask(&world, &token, "resources/templates/list", json!({})).await;
    for pattern in ["meeting-transcript:///events/{eventId}", "mail:///messages/{id}/attachments/{aid}"] {
        assert!(templates.to_string().contains(pattern), "{pattern}: {templates}");
    }
    let prompts = ask(&world, &token, "prompts/list", json!({})).await;
    let names: Vec<&str> = prompts["result"]["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["summarize_unread_mail", "prepare_for_meeting", "catch_up_on_channel", "find_document"]
    );
}

/// If this failed, a client could not tell which of the resources that it asked for is not there, or what to ask for instead.
#[rstest]
#[case::scheme_of_nobody("test://nowhere", "invalid_arguments", "mail:///")]
#[case::form_of_nobody("mail:///nowhere", "invalid_arguments", "mail:///")]
#[case::message_of_nobody("mail:///messages/AAMkAGI2", "not_found", "outlook_email_search")]
#[actix_web::test]
async fn a_resource_that_is_not_there_is_told_by_its_uri(
    #[case] uri: &str,
    #[case] reason: &str,
    #[case] advice: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let request = world.modern(&token, "resources/read", json!({ "uri": uri })).header("mcp-name", uri);
    let answer = send(request).await;
    assert_eq!(answer.status, 200);
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32_602), &json!(uri)), "{error}");
    assert_eq!(error["data"]["code"], reason, "{error}");
    assert!(error["data"]["how"].as_str().unwrap().contains(advice), "{error}");
}

/// If this failed, what a person picks would not become what the model is asked.
#[actix_web::test]
async fn a_prompt_is_filled_in() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let params = json!({ "name": "prepare_for_meeting", "arguments": { "event": "Weekly planning" } });
    let prompt = ask(&world, &token, "prompts/get", params).await;
    let text =
        prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap_or_else(|| panic!("{prompt}"));
    assert!(text.contains("\"Weekly planning\"") && text.contains("meetings_find"), "{text}");
    let missing = ask(&world, &token, "prompts/get", json!({ "name": "find_document" })).await;
    assert_eq!(missing["error"]["code"], -32_602, "{missing}");
}

/// If this failed, people would have to know by heart what the client could offer them.
#[rstest]
#[case::folder(json!({ "type": "ref/prompt", "name": "summarize_unread_mail" }), "folder", "sent", "Sent Items")]
#[case::folder_of_a_template(json!({ "type": "ref/resource", "uri": "mail:///folders/{idOrName}" }), "idOrName", "in", "Inbox")]
#[case::event(json!({ "type": "ref/prompt", "name": "prepare_for_meeting" }), "event", "weekly", "Weekly planning")]
#[case::day(json!({ "type": "ref/prompt", "name": "catch_up_on_channel" }), "since", "last m", "last monday")]
#[actix_web::test]
async fn what_is_typed_is_completed(
    #[case] reference: Value,
    #[case] argument: &str,
    #[case] value: &str,
    #[case] expected: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = suggested(&world, &token, typing(&reference, argument, value)).await;
    assert!(found.iter().any(|one| one == expected), "{found:?}");
    assert!(found.iter().all(|one| one.to_lowercase().contains(value)), "{found:?}");
    assert!(world.graph_round_trips().await <= 2);
}

/// If this failed, people, sites and channels would not be found by what is typed of them.
#[actix_web::test]
async fn people_sites_and_channels_are_suggested() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let prompt = |name: &str| json!({ "type": "ref/prompt", "name": name });
    let begin = &person.upn[..3];
    let people = suggested(&world, &token, typing(&prompt("find_document"), "author", begin)).await;
    assert!(people.iter().any(|address| address.eq_ignore_ascii_case(&person.upn)), "{begin}: {people:?}");
    let sites = suggested(&world, &token, typing(&prompt("find_document"), "site", "handbook")).await;
    assert!(sites.iter().any(|site| site.ends_with("/sites/handbook")), "{sites:?}");
    world.forget_requests().await;
    let channels =
        suggested(&world, &token, typing(&prompt("catch_up_on_channel"), "channel", "general")).await;
    assert_eq!(world.graph_round_trips().await, 2);
    assert!(channels.iter().all(|channel| channel.contains(" / ")), "{channels:?}");
}

/// If this failed, whoever fills in a template would have to look up ids elsewhere.
#[actix_web::test]
async fn variables_of_templates_are_suggested_by_the_names_of_what_they_stand_for() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let template = |pattern: &str| json!({ "type": "ref/resource", "uri": pattern });
    let channel = template("teams:///teams/{team}/channels/{channel}");
    let list = template("list:///{siteId}/{listId}");
    let general = world.channel(&token, "Handbook", "General").await;

    world.forget_requests().await;
    let teams = suggested(&world, &token, typing(&channel, "team", "handb")).await;
    assert_eq!(teams, [general.team.as_str()]);
    let mut with_team = typing(&channel, "channel", "gen");
    assert_eq!(suggested(&world, &token, with_team.clone()).await, [] as [String; 0], "of no team");
    with_team["context"] = json!({ "arguments": { "team": general.team } });
    assert_eq!(suggested(&world, &token, with_team).await, [general.channel.as_str()]);
    let sites = suggested(&world, &token, typing(&template("site:///{siteId}"), "siteId", "handbook")).await;
    assert_eq!(sites, suggested(&world, &token, typing(&list, "siteId", "handbook")).await);
    let mut with_site = typing(&list, "listId", "open");
    with_site["context"] = json!({ "arguments": { "siteId": sites[0] } });
    let lists = suggested(&world, &token, with_site).await;
    assert_eq!((lists.len(), world.graph_requests().await), (1, 5));

    let read = world
        .answer(&token, "read_resource", json!({ "uri": format!("list:///{}/{}", sites[0], lists[0]) }))
        .await;
    assert_eq!(read["name"], "Open points", "{read}");
}

/// If this failed, somebody who types would take the values that were looked at for all that there are.
#[rstest]
#[case::all_teams("ref/resource", "teams:///teams/{team}/channels/{channel}", "team", "", "", true)]
#[case::teams_of_a_page(
    "ref/resource",
    "teams:///teams/{team}/channels/{channel}",
    "team",
    "",
    "/me/joinedTeams",
    false
)]
#[case::channels_of_a_page("ref/prompt", "catch_up_on_channel", "channel", "", "/me/joinedTeams", false)]
#[case::people_of_a_page("ref/prompt", "find_document", "author", "a", "/users", false)]
#[case::sites_of_a_page("ref/prompt", "find_document", "site", "handbook", "/sites", false)]
#[case::no_site_looked_for("ref/prompt", "find_document", "site", "", "", false)]
#[case::folders_of_the_top_level("ref/prompt", "summarize_unread_mail", "folder", "", "", false)]
#[case::events_of_two_weeks("ref/prompt", "prepare_for_meeting", "event", "", "", false)]
#[case::some_days("ref/prompt", "catch_up_on_channel", "since", "", "", false)]
#[actix_web::test]
async fn a_completion_says_whether_there_may_be_more(
    #[case] kind: &str,
    #[case] of: &str,
    #[case] argument: &str,
    #[case] value: &str,
    #[case] with_a_further_page: &str,
    #[case] is_all: bool,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let reference = match kind {
        "ref/prompt" => json!({ "type": kind, "name": of }),
        _ => json!({ "type": kind, "uri": of }),
    };
    if !with_a_further_page.is_empty() {
        let further =
            json!({ "service": "graph", "path_prefix": with_a_further_page, "distort": "next_link_loop" });
        world.fault(further).await;
    }
    let found = ask(&world, &token, "completion/complete", typing(&reference, argument, value)).await;
    let completion = &found["result"]["completion"];
    let values = completion["values"].as_array().unwrap_or_else(|| panic!("{found}"));
    assert_eq!(values.is_empty(), argument == "site" && value.is_empty(), "{found}");
    assert_eq!(completion["hasMore"], !is_all, "{found}");
    assert_eq!(completion["total"].as_u64(), is_all.then_some(values.len() as u64), "{found}");
}

/// If this failed, whoever types or picks a prompt would cost more than is told.
#[actix_web::test]
async fn a_prompt_asks_graph_for_nothing_and_a_completion_for_little() {
    let most = usize::try_from(Completions::MOST_REQUESTS).unwrap();
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = |answer: Value, member: &str| answer["result"][member].as_array().unwrap().clone();
    let mut places = Vec::new();
    for prompt in listed(ask(&world, &token, "prompts/list", json!({})).await, "prompts") {
        let names = prompt["arguments"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
        let names: Vec<String> = names.map(str::to_owned).collect();
        let filled: Value = names.iter().map(|name| (name.clone(), json!("budget"))).collect();
        let params = json!({ "name": prompt["name"], "arguments": filled });
        assert!(ask(&world, &token, "prompts/get", params).await["result"].is_object(), "{prompt}");
        places.push((json!({ "type": "ref/prompt", "name": prompt["name"] }), names));
    }
    assert_eq!(world.graph_round_trips().await, 0);
    let templates = ask(&world, &token, "resources/templates/list", json!({})).await;
    for template in listed(templates, "resourceTemplates") {
        let pattern = template["uriTemplate"].as_str().unwrap();
        let names = pattern.split('{').skip(1).map(|part| part.split('}').next().unwrap().to_owned());
        places.push((json!({ "type": "ref/resource", "uri": pattern }), names.collect()));
    }
    let general = world.channel(&token, "Handbook", "General").await;
    for (place, names) in places {
        for name in names {
            let mut typing = typing(&place, &name, "a");
            typing["context"] = json!({ "arguments": { "team": general.team, "siteId": "root" } });
            world.forget_requests().await;
            suggested(&world, &token, typing).await;
            let made = world.graph_round_trips().await;
            assert!(made <= most, "{place} {name}: {made} requests");
        }
    }
}

/// If this failed, a hiccup or a missing right would interrupt somebody who types, or a service that is switched off would
/// be read by the side door.
#[actix_web::test]
async fn what_is_not_open_is_not_suggested() {
    let folder = || typing(&json!({ "type": "ref/prompt", "name": "summarize_unread_mail" }), "folder", "");
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    assert!(!suggested(&world, &token, folder()).await.is_empty());
    world.fault(json!({ "service": "graph", "status": 403 })).await;
    assert!(suggested(&world, &token, folder()).await.is_empty());
    let unknown = typing(&json!({ "type": "ref/prompt", "name": "greet" }), "who", "");
    let refused = ask(&world, &token, "completion/complete", unknown).await;
    assert_eq!(refused["error"]["code"], -32_602, "{refused}");

    let world = World::start_with(|settings| {
        let TenantSource::Fixed(tenants) = &mut settings.tenants else {
            panic!("the stage fixes its tenants")
        };
        for tenant in tenants {
            tenant.rules = AccessRules { denied_services: [Service::Mail].into(), ..tenant.rules.clone() };
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    assert!(suggested(&world, &token, folder()).await.is_empty());
    let uri = "mail:///folders/Inbox";
    let request = world.modern(&token, "resources/read", json!({ "uri": uri })).header("mcp-name", uri);
    let read = send(request).await.json();
    assert!(read["error"]["message"].is_string() && read.get("result").is_none(), "{read}");
    assert_eq!(world.graph_round_trips().await, 0);
}
