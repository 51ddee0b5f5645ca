//! Revoking: what becomes of calls, of new ones and of those in flight, and what a restart remembers.

use std::path::PathBuf;
use std::time::Duration;

use connector_actors::clock::{Clock, SystemClock};
use m365_connector::StateLocation;
use m365_connector::control::{ControlAnswer, ControlRequest, NamedSubject, ask};
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::{Client, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::running::{
    Caller, Connector, Running, ScratchDirectory, command, delay_drain, write_configuration,
};
use crate::world::{Person, World, eventually, send};

/// A connector with a state directory, and so with a control socket.
async fn start(directory: &ScratchDirectory) -> World {
    World::start_with(|settings| settings.state = StateLocation::Directory(directory.0.clone())).await
}

async fn give(directory: &ScratchDirectory, request: ControlRequest) -> ControlAnswer {
    let directory: PathBuf = directory.0.clone();
    tokio::task::spawn_blocking(move || ask(&directory, &request)).await.unwrap().unwrap()
}

async fn revoke(directory: &ScratchDirectory, subject: NamedSubject) {
    let answer = give(directory, ControlRequest::Revoke { subject }).await;
    assert!(matches!(answer, ControlAnswer::Revoked(_)), "{answer:?}");
}

fn user(_: &World, person: &Person) -> NamedSubject {
    NamedSubject::User { tenant: person.tenant.parse().unwrap(), user: person.id.parse().unwrap() }
}

fn tenant(_: &World, person: &Person) -> NamedSubject {
    NamedSubject::Tenant { tenant: person.tenant.parse().unwrap() }
}

/// The application that tokens are for unless another is asked for.
fn client(world: &World, person: &Person) -> NamedSubject {
    let client = world.stage.simulator.directory().clients[0].id.to_string();
    NamedSubject::Client {
        tenant: person.tenant.parse().unwrap(),
        user: person.id.parse().unwrap(),
        client: client.parse().unwrap(),
    }
}

const TOKEN_ID: &str = "StolenTokenId";

fn token(_: &World, _: &Person) -> NamedSubject {
    NamedSubject::Token { token_id: TOKEN_ID.into() }
}

async fn status(world: &World, token: &str) -> (StatusCode, Value) {
    let answer = send(world.modern(token, "tools/list", json!({}))).await;
    (answer.status, answer.json()["error"].clone())
}

/// If this failed, whoever was cut off would still get what they had asked for a moment before.
#[rstest]
#[case::of_the_user("user", user)]
#[case::of_the_tenant("tenant", tenant)]
#[case::of_the_client("client", client)]
#[case::of_the_token("token", token)]
#[actix_web::test]
async fn a_call_in_flight_ends_within_a_second_of_its_revocation(
    #[case] name: &str,
    #[case] subject: fn(&World, &Person) -> NamedSubject,
) {
    let directory = ScratchDirectory::new(&format!("in-flight-{name}"));
    let world = start(&directory).await;
    let person = world.person(0, 0);
    let token = world.token_with(&person, json!({ "claims": { "uti": TOKEN_ID } })).await;
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;
    let params = json!({ "name": "get_me", "arguments": {} });
    let call = tokio::spawn(send(world.modern(&token, "tools/call", params)));
    eventually("the call waits for Graph", async || world.graph_requests().await == 1).await;

    let ended = timeout(Duration::from_secs(1), async {
        revoke(&directory, subject(&world, &person)).await;
        call.await.unwrap()
    });
    let answer = ended.await.expect("the call has not ended within a second");
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("sign_in_revoked"))
    );
    assert!(answer.header("www-authenticate").contains("invalid_token"), "{answer:?}");
    world.quiet().await;
}

/// If this failed, a revoked token would go on being taken, a colleague be cut off too, or a new sign-in be refused.
#[actix_web::test]
async fn old_tokens_are_refused_a_new_sign_in_and_a_colleague_are_not() {
    let directory = ScratchDirectory::new("new-calls");
    let world = start(&directory).await;
    let (person, colleague) = (world.person(0, 0), world.person(0, 2));
    let (old, other) = (world.token(&person).await, world.token(&colleague).await);
    world.call(&old, "get_me", json!({})).await;
    world.call(&other, "get_me", json!({})).await;
    revoke(&directory, user(&world, &person)).await;

    assert_eq!(status(&world, &old).await, (StatusCode::UNAUTHORIZED, json!("sign_in_revoked")));
    assert_eq!(status(&world, &other).await.0, StatusCode::OK);
    let before = world.exchanges().await;
    let new = world.token(&person).await;
    world.call(&new, "get_me", json!({})).await;
    assert_eq!(world.exchanges().await, before + 1, "the leases of before are gone");
    let answer = give(&directory, ControlRequest::ListRevocations).await;
    let ControlAnswer::Revocations { revocations, total: 1 } = answer else { panic!("{answer:?}") };
    assert_eq!(revocations[0].subject, user(&world, &person));
}

/// If this failed, a stolen token could only be stopped by signing its user out everywhere.
#[actix_web::test]
async fn a_single_token_is_refused_and_its_users_others_are_not() {
    let directory = ScratchDirectory::new("single");
    let world = start(&directory).await;
    let person = world.person(0, 0);
    let stolen = world.token_with(&person, json!({ "claims": { "uti": TOKEN_ID } })).await;
    let own = world.token(&person).await;
    world.call(&stolen, "get_me", json!({})).await;
    revoke(&directory, token(&world, &person)).await;

    assert_eq!(status(&world, &stolen).await, (StatusCode::UNAUTHORIZED, json!("sign_in_revoked")));
    assert_eq!(status(&world, &own).await.0, StatusCode::OK);
}

/// If this failed, a lost device would go on reading, or cost its user the other ones.
#[actix_web::test]
async fn a_client_is_cut_off_and_its_users_other_clients_are_not() {
    let directory = ScratchDirectory::new("client");
    let world = start(&directory).await;
    let person = world.person(0, 0);
    let other_client = world.stage.simulator.directory().clients[1].id.to_string();
    let lost = world.token(&person).await;
    let own = world.token_with(&person, json!({ "claims": { "azp": other_client } })).await;
    for token in [&lost, &own] {
        world.call(token, "get_me", json!({})).await;
    }
    revoke(&directory, client(&world, &person)).await;

    assert_eq!(status(&world, &lost).await, (StatusCode::UNAUTHORIZED, json!("sign_in_revoked")));
    assert_eq!(status(&world, &own).await.0, StatusCode::OK);
}

/// If this failed, whoever was cut off would be let in again by a crash or an update; or an operator not be told what a
/// revocation does.
#[actix_web::test]
async fn a_revocation_outlives_a_kill() {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new("kill");
    write_configuration(&directory.0, &simulator);
    let http = Client::builder().build().unwrap();
    let (mut connector, address) = Connector::start(&directory.0);
    let mut caller = Caller { http: &http, simulator: simulator.base_url(), connector: address };
    let person = &simulator.directory().tenants[0];
    let order = json!({ "tenant": person.id, "user": person.users[0].id });
    let minted = caller.control("token", order).await;
    let token = minted["access_token"].as_str().unwrap().to_owned();
    assert!(caller.call(&token, "get_me", json!({})).await["result"].is_object());

    let (tenant, user) = (person.id.to_string(), person.users[0].id.to_string());
    let revoked = command(&directory.0, &["revoke", "--tenant", &tenant, "--user", &user]);
    let said = String::from_utf8(revoked.stdout).unwrap();
    assert!(revoked.status.success() && said.contains("This\nis no block"), "{said}");
    connector.signal("-KILL");
    connector.process.wait().unwrap();
    let gone = command(&directory.0, &["revocations", "list"]);
    let errors = String::from_utf8(gone.stderr).unwrap();
    assert!(!gone.status.success() && errors.contains("no connector is running"), "{errors}");

    let (connector, address) = Connector::start(&directory.0);
    caller.connector = address;
    assert_eq!(caller.call(&token, "get_me", json!({})).await["error"], "sign_in_revoked");
    let listed = command(&directory.0, &["revocations", "list"]);
    let said = String::from_utf8(listed.stdout).unwrap();
    assert!(said.contains(&format!("user {user} of tenant {tenant}")), "{said}");
    connector.stop();
    simulator.stop().await;
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemClock.now().unix_seconds()
}

/// A token of the first user that is dated so: not by five minutes back, as Entra's are, where it is of this moment.
async fn token_dated(running: &Running, issued_at: u64) -> String {
    running.token_with(json!({ "iat": issued_at })).await
}

/// The error with which a call is turned away, or null.
async fn error(running: &Running, token: &str) -> Value {
    let answer = running.caller().call(token, "get_me", json!({})).await;
    assert!(answer["error"].is_string() || answer["result"]["structuredContent"].is_object(), "{answer}");
    answer["error"].clone()
}

fn revoke_the_first_user(running: &Running) {
    let tenant = &running.simulator.directory().tenants[0];
    let (tenant, user) = (tenant.id.to_string(), tenant.users[0].id.to_string());
    let revoked = command(&running.directory.0, &["revoke", "--tenant", &tenant, "--user", &user]);
    assert!(revoked.status.success(), "{revoked:?}");
}

/// Only its name tells such a token from a fresh one. If this failed, a stolen one that was used before an update or a crash
/// would pass a revocation that follows it; or a fresh sign-in be refused after a mere update, or for ever after a crash.
#[rstest]
#[case::in_order("in-order", "-TERM", Value::Null)]
#[case::by_a_kill("by-a-kill", "-KILL", json!("sign_in_revoked"))]
#[actix_web::test]
async fn a_token_used_before_a_restart_is_revoked_after_it(
    #[case] name: &str,
    #[case] signal: &str,
    #[case] fresh_sign_in: Value,
) {
    let mut running = Running::start(&format!("used-before-{name}"), "").await;
    let used = token_dated(&running, now()).await;
    assert_eq!(error(&running, &used).await, Value::Null);
    running.connector.signal(signal);
    running.start_again();
    assert_eq!(error(&running, &running.token().await).await, Value::Null, "nothing is revoked yet");
    revoke_the_first_user(&running);

    assert_eq!(error(&running, &used).await, "sign_in_revoked");
    assert_eq!(error(&running, &running.token().await).await, fresh_sign_in);
    let issued_after_the_start = token_dated(&running, now() + 1).await;
    assert_eq!(error(&running, &issued_after_the_start).await, Value::Null);
    running.stop().await;
}

/// If this failed, the tokens of the last moments before an update would pass a revocation that follows it.
#[actix_web::test]
async fn a_token_first_used_during_a_stop_is_revoked_after_it() {
    let mut running =
        Running::prepared("used-during-a-stop", "", |directory| delay_drain(directory, 5)).await;
    let used = token_dated(&running, now()).await;
    running.connector.signal("-TERM");
    let probe = format!("http://{}/readyz", running.connector.operations);
    let is_draining = async || send(running.http.get(&probe)).await.json()["status"] == "draining";
    eventually("the stop has begun", is_draining).await;
    assert_eq!(error(&running, &used).await, Value::Null);
    running.start_again();
    revoke_the_first_user(&running);

    assert_eq!(error(&running, &used).await, "sign_in_revoked");
    running.simulator.stop().await;
}
