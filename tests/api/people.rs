//! People: `search_people` and `user:///`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing};
use crate::world::World;

const SEARCH: &str = "search_people";

/// If this failed, people would not be found by what is known of them.
#[rstest]
#[case::beginning_of_a_name("maj", &["Maja Lindqvist"])]
#[case::words_in_any_order("mensah-adjei kofi", &["Kofi Mensah-Adjei"])]
#[case::quote("o'donnell", &["Aoife O'Donnell"])]
#[case::address("priya.raghunathan@larkmoor.example", &["Priya Raghunathan"])]
#[case::beginning_of_an_address("haruka", &["山口 遥"])]
#[case::shared_mailbox("larkmoor orders", &["Larkmoor Orders"])]
#[case::nobody("zzzyyyxxx", &[])]
#[case::more_conditions("x\" OR \"mail:maja", &[])]
#[actix_web::test]
async fn people_are_found_by_name_and_address(#[case] query: &str, #[case] expected: &[&str]) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let answer = world.answer(&token, SEARCH, json!({ "query": query })).await;
    assert_eq!(members(answer["items"].as_array().unwrap(), "name"), expected, "{answer}");
    assert_eq!(answer["completeness"]["state"], "complete");
}

/// If this failed, a list of people would lose some or repeat them.
#[actix_web::test]
async fn pages_of_people_follow_each_other() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let (whole, one) = world.all_items(&token, SEARCH, json!({ "query": "a", "limit": 50 })).await;
    let (pieces, several) = world.all_items(&token, SEARCH, json!({ "query": "a", "limit": 1 })).await;
    assert_eq!(whole, pieces);
    assert!(one == 1 && several > 1, "{several} pages");
}

/// If this failed, a person that was found could not be read, or not by an address.
#[actix_web::test]
async fn a_person_is_read_by_id_and_by_address() {
    let world = World::start().await;
    let (own, other) = (world.person(0, 0), world.person(0, 1));
    let token = world.token(&own).await;
    let found = world.answer(&token, SEARCH, json!({ "query": other.upn })).await;
    let uri = &found["items"][0]["uri"];
    assert_eq!(uri, &json!(format!("user:///{}", other.id)));
    let by_id = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    let by_address =
        world.answer(&token, "read_resource", json!({ "uri": format!("user:///{}", other.upn) })).await;
    assert_eq!(by_id, by_address);
    assert_eq!((&by_id["kind"], &by_id["address"]), (&json!("user"), &json!(other.upn)));

    // A guest's address is that of home, and no principal name here.
    let token = world.token(&world.person(1, 0)).await;
    let guest = world
        .answer(&token, "read_resource", json!({ "uri": "user:///jeanluc.beranger@larkmoor.example" }))
        .await;
    assert!(guest["userPrincipalName"].as_str().unwrap().contains("#EXT#"), "{guest}");
    assert_eq!(guest["origin"], "external");
}

/// If this failed, what people write of themselves would be read as the connector's own words: in a list the fence stands round
/// all of it, and a person who is read alone has none.
#[actix_web::test]
async fn what_a_person_who_is_read_alone_wrote_stands_in_a_fence() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let id = world.person(0, 1).id;
    let person = json!({
        "id": id, "displayName": "Tomás Ferreira", "jobTitle": "Head of all", "officeLocation": "Quay 3",
    });
    world.fault(json!({ "service": "graph", "path_prefix": "/users/", "body": person })).await;
    let alone = world.answer(&token, "read_resource", json!({ "uri": format!("user:///{id}") })).await;
    assert_eq!(alone["name"], person["displayName"], "a name stands in none");
    for written in ["jobTitle", "officeLocation"] {
        let lines: Vec<&str> = alone[written].as_str().unwrap().lines().collect();
        let mark =
            lines[0].strip_prefix("⟦untrusted content ").unwrap_or_else(|| panic!("no fence: {alone}"));
        let closing = format!("⟦end of untrusted content {mark}");
        assert_eq!(lines[1..], [person[written].as_str().unwrap(), &closing], "{alone}");
    }
}

/// If this failed, a picture would be broken, or its absence an error.
#[actix_web::test]
async fn a_picture_comes_where_it_is_asked_for() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let of = |user: usize| json!({ "uri": format!("user:///{}?photo=true", world.person(0, user).upn) });
    let pictured = world.call(&token, "read_resource", of(1)).await;
    let about: Value = serde_json::from_str(pictured["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(about["address"], json!(world.person(0, 1).upn));
    assert_eq!(pictured["structuredContent"], about);
    let image = &pictured["content"][1];
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/png")));
    assert!(image["data"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{image}");
    // Seat 3 has none.
    let without = world.answer(&token, "read_resource", of(3)).await;
    assert_eq!(without["notes"], json!(["There is no picture."]));
}

/// If this failed, a model would be told something else than what went wrong.
#[rstest]
#[case::throttled(429, "TooManyRequests", "throttled")]
#[case::forbidden(403, "Authorization_RequestDenied", "no_access")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] code: &str, #[case] expected: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, "get_me", json!({})).await;
    world.fault(refusing(status, code)).await;
    assert_eq!(world.error_code(&token, SEARCH, json!({ "query": "maja" })).await, expected);
    let uri = json!({ "uri": format!("user:///{}", world.person(0, 1).id) });
    assert_eq!(world.error_code(&token, "read_resource", uri).await, expected);
}

/// If this failed, a missing permission or person would not be called that.
#[actix_web::test]
async fn nobody_and_no_permission_are_told_apart() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for nobody in ["nobody@larkmoor.example", "00000000-0000-4000-8000-000000000000"] {
        let uri = json!({ "uri": format!("user:///{nobody}") });
        assert_eq!(world.error_code(&token, "read_resource", uri).await, "not_found", "{nobody}");
    }
    assert_eq!(world.error_code(&token, SEARCH, json!({ "query": "*" })).await, "invalid_arguments");

    let alone = World::start().await;
    let token = alone.token_with_scopes(&alone.person(0, 0), "User.Read Mail.Read").await;
    let uri = json!({ "uri": "user:///maja.lindqvist@larkmoor.example" });
    assert_eq!(alone.error_code(&token, "read_resource", uri).await, "missing_scope");
}
