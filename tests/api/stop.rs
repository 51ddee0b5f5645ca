//! Starting and stopping.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use connector_actors::clock::{Clock, SystemClock};
use m365_connector::{AuditTarget, Listeners};
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::{Client, StatusCode};
use rstest::rstest;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::collectors::Collector;
use crate::held_journal::HeldJournal;
use crate::otlp::{Carrier, Receiver};
use crate::running::{
    Caller, Connector, Running, ScratchDirectory, add_telemetry, keep_journal_in, pushing,
    write_configuration,
};
use crate::wire::{PING, good_head};
use crate::world::{ScratchFile, World, eventually, send};

/// If this failed, a deployment would cut off the users of the moment.
#[actix_web::test]
async fn a_stop_loses_no_call_in_flight() {
    let journal = ScratchFile::new("stop.jsonl");
    let world =
        World::start_with(|settings| settings.audit.target = AuditTarget::File(journal.0.clone())).await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 800 })).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let params = json!({ "name": "outlook_email_search", "arguments": {} });
            tokio::spawn(world.modern(&token, "tools/call", params).send())
        })
        .collect();
    eventually("the calls are in flight", async || world.calls_in_progress().await == 8).await;

    let World { stage, .. } = world;
    stage.connector.stop().await;
    for call in calls {
        let answer = call.await.unwrap().expect("a call in flight was cut off");
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    }
    let completed =
        journal.json_lines().into_iter().filter(|record| record["outcome"] == "completed").count();
    assert_eq!(completed, 9, "every call has its record before the process ends");
    stage.simulator.stop().await;
}

/// If this failed, each deployment would wait in vain for clients that keep their connections open and ask for nothing.
#[actix_web::test]
async fn a_stop_closes_connections_on_which_nothing_is_asked() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut connection = TcpStream::connect(world.stage.connector.public_address()).await.unwrap();
    let head = good_head(&world, &token).join("\r\n");
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{PING}", PING.len());
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    connection.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");

    let World { stage, .. } = world;
    timeout(Duration::from_millis(1_500), stage.connector.stop()).await.expect("it waits for an idle client");
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).await.unwrap();
    stage.simulator.stop().await;
}

/// If this failed, a taken port would be a riddle.
#[actix_web::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Listeners::bind(address, "127.0.0.1:0".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

/// A process with one call that waits for Graph for `delay_ms`.
struct Busy {
    simulator: Simulator,
    connector: Connector,
    http: Client,
    address: String,
    token: String,
    call: JoinHandle<Value>,
    directory: ScratchDirectory,
}

impl Busy {
    /// Starts one whose configuration, in this directory, was changed by `adjust`.
    async fn start_with(name: &str, delay_ms: u64, adjust: impl FnOnce(&Path)) -> Self {
        let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
        let directory = ScratchDirectory::new(name);
        write_configuration(&directory.0, &simulator);
        adjust(&directory.0);
        let (connector, address) = Connector::start(&directory.0);
        let http = Client::builder().build().unwrap();
        let caller = Caller { http: &http, simulator: simulator.base_url(), connector: address.clone() };
        let tenant = &simulator.directory().tenants[0];
        // Dated of this moment, and not back, as Entra's are: then it is one of the tokens that a stop leaves.
        let claims = json!({ "iat": SystemClock.now().unix_seconds() });
        let order = json!({ "tenant": tenant.id, "user": tenant.users[0].id, "claims": claims });
        let token = caller.control("token", order).await["access_token"].as_str().unwrap().to_owned();
        caller.control("faults", json!({ "service": "graph", "delay_ms": delay_ms })).await;
        let (spoken, base, at) = (token.clone(), simulator.base_url().to_owned(), address.clone());
        let client = http.clone();
        let call = tokio::spawn(async move {
            let caller = Caller { http: &client, simulator: &base, connector: at };
            caller.call(&spoken, "get_me", json!({})).await
        });
        let busy = Self { simulator, connector, http, address, token, call, directory };
        eventually("the call is in flight", async || busy.readiness().await["calls"] == 1).await;
        busy
    }

    async fn readiness(&self) -> Value {
        send(self.http.get(format!("http://{}/readyz", self.connector.operations))).await.json()
    }

    /// How many tokens in use it has left to the next process; `None` before it has. It keeps the database locked, so that a
    /// copy is read.
    fn tokens_left(&self) -> rusqlite::Result<Option<usize>> {
        let copy = ScratchDirectory::new("stop-order-copy");
        for file in std::fs::read_dir(self.directory.0.join("state")).unwrap().map(Result::unwrap) {
            // The last one goes when the database is closed.
            let gone = std::io::ErrorKind::NotFound;
            if file.file_type().is_ok_and(|kind| kind.is_file())
                && let Err(error) = std::fs::copy(file.path(), copy.0.join(file.file_name()))
            {
                assert_eq!(error.kind(), gone, "{error}");
            }
        }
        let database = Connection::open(copy.0.join("connector.sqlite3"))?;
        let asked = "SELECT is_clean, (SELECT count(*) FROM recent_token) FROM last_shutdown";
        let (is_clean, tokens) =
            database.query_row(asked, [], |row| Ok((row.get::<_, bool>(0)?, row.get(1)?)))?;
        Ok(is_clean.then_some(tokens))
    }
}

/// A request that is no call, and so is not waited for as one is: it stands on its connection until its rest comes.
async fn half_a_request(operations: &str) -> TcpStream {
    let mut connection = TcpStream::connect(operations).await.unwrap();
    let head = format!(
        "PUT /log-filter HTTP/1.1\r\nHost: {operations}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        FILTER.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    read(&mut connection, "HTTP/1.1 100 Continue\r\n\r\n").await;
    connection
}

async fn read(connection: &mut TcpStream, expected: &str) {
    let mut text = vec![0; expected.len()];
    connection.read_exact(&mut text).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&text), expected);
}

/// Lets the ends of sessions be written.
const FILTER: &str = "debug";

/// The steps of OPERATIONS.md that can be told apart from outside: calls, listeners, sessions, the journal, the tokens in use,
/// and telemetry at the end; and fact 22 of actix, heeded: the signal is ours, and the servers go on until we stop them
/// (`tests/signals.rs` has what they would do). If this failed, a deployment would cut off the users of the moment or send new
/// ones to a process that stops, calls would lose their session before they are answered or go unrecorded, a token that was
/// revoked would be good in the next process, or what the process knew last would go with it.
#[actix_web::test]
async fn a_stop_takes_its_steps_in_the_stated_order() {
    // Each push takes a while: after the sessions and after the last step there is time to look.
    let receiver = Receiver::answering_after(Carrier::Http, Duration::from_secs(1));
    let journal = HeldJournal::new("stop-order").await;
    let mut busy = Busy::start_with("stop-order", 6_000, |directory| {
        add_telemetry(directory, &receiver.settings());
        keep_journal_in(&journal.file.0, directory);
    })
    .await;
    // Ends of sessions are written from when the request that stands there is done, and no sooner.
    let filter = busy.http.put(format!("http://{}/log-filter", busy.connector.operations)).body("info");
    assert_eq!(send(filter).await.status, StatusCode::NO_CONTENT);
    let mut held = half_a_request(&busy.connector.operations).await;

    busy.connector.signal("-TERM");
    eventually("it says that it drains", async || busy.readiness().await["status"] == "draining").await;
    let caller =
        Caller { http: &busy.http, simulator: busy.simulator.base_url(), connector: busy.address.clone() };
    let refused = caller.call(&busy.token, "get_me", json!({})).await;
    assert_eq!(refused["error"], "draining", "who comes now is told, and not left before a closed door");
    assert!(!busy.call.is_finished(), "the call has ended too soon to show anything");

    let answer = (&mut busy.call).await.unwrap();
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    let closed = async || TcpStream::connect(&busy.address).await.is_err();
    eventually("nobody is let in any more", closed).await;
    held.write_all(FILTER.as_bytes()).await.unwrap();
    read(&mut held, "HTTP/1.1 204").await;

    let ended = async || receiver.lines().iter().any(|line| line == "session ended");
    eventually("the end of the sessions has come to the receiver", ended).await;
    assert_eq!(busy.tokens_left(), Ok(None), "the tokens in use are left before the last call is recorded");
    assert!(!busy.connector.has_written("\"stopped\""), "it stops before the last call is recorded");
    let records = journal.records().await;
    let outcomes: Vec<_> = records.iter().map(|record| &record["outcome"]).collect();
    assert_eq!(outcomes, ["completed"], "the journal is whole");

    eventually("all but the last step is done", async || busy.connector.has_written("\"stopped\"")).await;
    eventually("the token in use is left", async || busy.tokens_left() == Ok(Some(1))).await;

    let log = busy.connector.ended();
    let place = |what: &str| log.find(what).unwrap_or_else(|| panic!("no {what}: {log}"));
    assert!(place("\"draining\"") < place("session ended"), "sessions outlive the listeners: {log}");
    assert!(place("session ended") < place("recent tokens stored"), "{log}");
    assert!(place("recent tokens stored") < place("\"stopped\""), "{log}");
    let calls = receiver.spans().into_iter().filter(|span| span.name == "tools/call get_me").count();
    assert_eq!(calls, 1, "the trace of the last call has come");
    let pushed = receiver.lines();
    let place =
        |what: &str| pushed.iter().position(|line| line == what).unwrap_or_else(|| panic!("no {what}"));
    assert!(place("draining") < place("session ended"), "{pushed:?}");
    assert!(place("session ended") < place("stopped"), "the last word has come, too: {pushed:?}");
    busy.simulator.stop().await;
}

/// If this failed, a call that hangs would keep a deployment waiting until somebody killed the process, and end without an
/// answer and without its record.
#[actix_web::test]
async fn a_call_that_outlasts_the_drain_is_answered_and_recorded_as_cut_off() {
    let journal = ScratchFile::new("drain-timeout.jsonl");
    let world = World::start_with(|settings| {
        settings.audit.target = AuditTarget::File(journal.0.clone());
        settings.http.drain_timeout = Duration::from_millis(300);
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.fault(json!({ "service": "graph", "delay_ms": 20_000 })).await;
    let params = json!({ "name": "outlook_email_search", "arguments": {} });
    let call = tokio::spawn(world.modern(&token, "tools/call", params).send());
    eventually("the call is in flight", async || world.calls_in_progress().await == 1).await;

    let World { stage, .. } = world;
    timeout(Duration::from_secs(10), stage.connector.stop()).await.expect("it waits for a call that hangs");
    let answer = call.await.unwrap().expect("a call was cut off without an answer");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "ended");
    let outcomes: Vec<_> = journal.json_lines().into_iter().map(|record| record["outcome"].clone()).collect();
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    assert_eq!(outcomes[0], "completed");
    assert_eq!(outcomes[1], "cancelled");
    stage.simulator.stop().await;
}

/// If this failed, an operator could not end a process that waits for a call that hangs, or for a collector that does.
#[rstest]
#[case::alone("second-signal", |_: &Path| {})]
#[case::with_a_mute_collector("second-signal-mute", |directory: &Path| {
    add_telemetry(directory, &pushing(&Collector::Mute.start(), "http/protobuf"));
})]
#[actix_web::test]
async fn a_second_signal_ends_the_process_at_once(#[case] name: &str, #[case] adjust: impl FnOnce(&Path)) {
    let mut busy = Busy::start_with(name, 20_000, adjust).await;
    busy.connector.signal("-TERM");
    eventually("it drains", async || busy.readiness().await["status"] == "draining").await;
    let signalled = Instant::now();
    busy.connector.signal("-INT");
    let status = busy.connector.process.wait().unwrap();
    assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    assert_eq!(status.code(), Some(1));
    assert!(busy.connector.errors().contains("a second signal cut the stop short"));
    busy.call.abort();
}

/// As above, where all that is left to do is to push what waits.
#[actix_web::test]
async fn a_second_signal_ends_the_last_step_of_a_stop_too() {
    let collector = Collector::Mute.start();
    let mut running = Running::start("second-signal-last", &pushing(&collector, "http/protobuf")).await;
    let token = running.token().await;
    running.caller().call(&token, "get_me", json!({})).await;
    running.connector.signal("-TERM");
    eventually("all else is done", async || running.connector.has_written("\"stopped\"")).await;
    let signalled = Instant::now();
    running.connector.signal("-INT");
    let status = running.connector.process.wait().unwrap();
    assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    assert_eq!(status.code(), Some(1));
}
