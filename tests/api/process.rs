//! The process itself: started from a configuration file, called, stopped by a signal; and nothing secret in what
//! it writes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use m365_simulator::Simulator;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::otlp::{Carrier, Receiver};
use crate::running::{
    Connector, EVERYTHING, Running, ScratchDirectory, command, dumps_no_core, write_configuration,
};
use crate::world::eventually;

const CANARY: &str = "zebra-canary-7f3a";

/// If this failed, whoever reads the logs could act as a user, or read what the user read; or an operator who looks for a
/// fault and has everything written would put all of that into the log.
#[rstest::rstest]
#[case::as_configured("process", None)]
#[case::everything_of_every_library("process-trace", Some(EVERYTHING))]
#[actix_web::test]
async fn nothing_secret_is_written_and_a_signal_ends_the_process_in_order(
    #[case] name: &str,
    #[case] filter: Option<&'static str>,
) {
    let receiver = Receiver::start(Carrier::Http);
    let running = Running::start(name, &receiver.settings()).await;
    if let Some(filter) = filter {
        let url = format!("http://{}/log-filter", running.connector.operations);
        assert!(running.http.put(url).body(filter).send().await.unwrap().status().is_success());
    }
    running.connector.dumps_no_core();
    let (simulator, http) = (&running.simulator, &running.http);
    let (caller, token) = (running.caller(), running.token().await);
    let tenant = &simulator.directory().tenants[0];
    let user = &tenant.users[0];

    let found = caller.call(&token, "outlook_email_search", json!({ "query": "report", "limit": 3 })).await;
    let subject = found["result"]["structuredContent"]["items"][0]["subject"].as_str().unwrap().to_owned();
    let uri = found["result"]["structuredContent"]["items"][0]["uri"].clone();
    caller.call(&token, "read_resource", json!({ "uri": uri })).await;
    caller
        .call(&token, "outlook_email_search", json!({ "query": CANARY, "subject": CANARY, "sender": CANARY }))
        .await;
    caller.call(&token, "outlook_email_search", json!({ CANARY: CANARY })).await;
    caller.call(&token, "read_resource", json!({ "uri": format!("mail:///messages/{CANARY}") })).await;
    caller.call(&format!("{token}{CANARY}"), "get_me", json!({})).await;
    caller.call(&token, CANARY, json!({})).await;
    let meta = json!({ "traceparent": CANARY, "progressToken": CANARY, CANARY: CANARY });
    caller.ask(&token, json!({ "name": "get_me", "arguments": {}, CANARY: CANARY, "_meta": meta })).await;
    let brew = Method::from_bytes(CANARY.as_bytes()).unwrap();
    http.request(brew, format!("http://{}/{CANARY}?{CANARY}={CANARY}", caller.connector))
        .send()
        .await
        .unwrap();
    let rubbish = json!({ "service": "graph", "status": 500, "body": CANARY, "times": 3 });
    caller.control("faults", rubbish).await;
    caller.call(&token, "get_me", json!({})).await;
    let other = caller.control("token", json!({ "tenant": tenant.id, "user": tenant.users[2].id })).await;
    let other = other["access_token"].as_str().unwrap().to_owned();
    caller.control("faults", json!({ "service": "entra", "status": 400, "body": CANARY })).await;
    caller.call(&other, "get_me", json!({})).await;

    let requests = running.requests().await;
    let lease = requests
        .iter()
        .find(|request| request["service"] == "graph")
        .and_then(|request| request["headers"]["authorization"].as_str()?.strip_prefix("Bearer "))
        .unwrap()
        .to_owned();

    let metrics = running.metrics().await;
    assert!(metrics.contains("mcp_server_operation_duration_seconds_count"), "{metrics}");
    let secret = simulator.directory().connector.client_secret.clone();
    let (address, name) = (user.upn.clone(), user.name.clone());
    let log = running.stop().await;
    let pushed = String::from_utf8_lossy(&receiver.bytes()).into_owned();
    assert!(receiver.spans().len() > 10 && !receiver.log_records().is_empty(), "the telemetry is there");
    assert_eq!(receiver.instances().len(), 1, "spans, lines and points are of one process");

    assert!(log.contains("\"outcome\":\"completed\""), "the audit records are there: {log}");
    assert!(
        log.contains("\"trace_id\":\"") && log.contains("call completed"),
        "the log lines are there: {log}"
    );
    assert!(log.contains("stopped"), "the stop is in order: {log}");
    assert_eq!(log.contains("\"level\":\"TRACE\""), filter.is_some(), "and what libraries say");
    let signature = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    for (what, text) in [
        ("the user's token", signature(&token)),
        ("the lease", signature(&lease)),
        ("the client secret", secret),
        ("what was asked", CANARY.to_owned()),
        ("a subject", subject),
        ("an address", address),
        ("a name", name),
    ] {
        assert!(!log.contains(&text), "{what} is in the log:\n{log}");
        assert!(!metrics.contains(&text), "{what} is in the metrics:\n{metrics}");
        assert!(!pushed.contains(&text), "{what} is in what was pushed:\n{pushed}");
    }
}

/// If this failed, a mistake in the configuration would start something else than was meant.
#[rstest::rstest]
#[case::unknown_key("colour = 1", "unknown field `colour`")]
#[case::wrong_type("public_url = 7", "line 1, column 14")]
#[case::missing("tenants = 'x'", "public_url is missing")]
#[case::no_permits(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nclient_secret_file = 'x'\n[calls]\nconcurrent = 0",
    "calls.concurrent: must lie between 1 and"
)]
#[case::restriction_by_a_busy_header(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\ntenant_restriction_header = 'Authorization'",
    "tenant_restriction_header: must begin with x- or sec-"
)]
#[case::nobody_to_trust(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[telemetry]\ntrusted_trace_parents = ['claude']",
    "telemetry.trusted_trace_parents: \"claude\" must be the Application (client) ID of a client, or a network"
)]
#[case::secret_that_ends_some_day(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nclient_secret_file = 'x'\nclient_secret_expires = 'soon'",
    "entra.client_secret_expires: must be a day such as"
)]
#[case::end_without_a_secret(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nmanaged_identity = 'system'\nclient_secret_expires = '2027-03-31'",
    "entra.client_secret_expires: goes with client_secret_file"
)]
#[case::drain_delay_too_long(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[listen]\ndrain_delay_s = 301",
    "listen.drain_delay_s: must be at most 300"
)]
#[case::two_credentials(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nclient_secret_file = 'x'\nmanaged_identity = 'system'",
    "entra: needs exactly one of managed_identity, federated_token_file,"
)]
#[case::an_identity_that_is_none(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nmanaged_identity = 'mine'",
    "entra.managed_identity: client id must be a GUID"
)]
#[case::the_examples_client_id(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = '00000000-0000-0000-0000-000000000000'\nmanaged_identity = 'system'",
    "entra.client_id: must be the Application (client) ID of the API's registration"
)]
#[case::no_private_key(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\ncertificate_file = '/proc/version'\nprivate_key_file = '/nowhere/key.pem'",
    "entra.private_key_file: /nowhere/key.pem: cannot be read"
)]
#[case::capability_of_no_tenant(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[entra]\nclient_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\nmanaged_identity = 'system'\ndeclare_cp1 = ['contoso']",
    "entra.declare_cp1: tenant id must be a GUID"
)]
#[case::no_exchanges(
    "public_url = 'https://c.example/mcp'\ntenants = 'x'\n[calls]\nexchanges_per_second = 0",
    "calls.exchanges_per_second: must lie between 1 and 100000"
)]
#[case::not_https("public_url = 'http://connector.example.com/mcp'\ntenants = 'x'", "must use https")]
fn a_mistake_in_the_configuration_is_named(#[case] text: &str, #[case] expected: &str) {
    let path =
        std::env::temp_dir().join(format!("m365-connector-{}-{}.toml", std::process::id(), text.len()));
    std::fs::write(&path, text).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_m365-connector"))
        .args(["check-config".as_ref(), "--config".as_ref(), path.as_os_str()])
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let errors = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && errors.contains(expected), "{errors}");
}

/// If this failed, a crash of a command that reads keys would write them to a disk.
#[rstest::rstest]
#[case::check(&["check-config"])]
#[case::list(&["revocations", "list"])]
#[actix_web::test]
async fn a_command_forbids_core_dumps_before_it_reads(#[case] arguments: &[&str]) {
    let directory = ScratchDirectory::new(&format!("no-core-{}", arguments.len()));
    let path = directory.0.join("connector.toml");
    // Nobody writes into it: the command waits for its configuration.
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_m365-connector"))
        .args(arguments)
        .args(["--config".as_ref(), path.as_os_str()])
        .spawn()
        .unwrap();
    eventually("it dumps no core", async || dumps_no_core(&waiting)).await;
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}

/// If this failed, a certificate would run out although somebody has looked.
#[test]
fn the_check_of_a_configuration_says_how_long_the_certificate_is_good() {
    let directory = ScratchDirectory::new("certificate");
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/entra/testdata");
    let key = directory.0.join("key.pem");
    std::fs::copy(testdata.join("client.key.pem"), &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let configuration = format!(
        "public_url = 'https://c.example/mcp'\ntenants = 'tenants.d'\n[entra]\n\
         client_id = 'e9dae7b7-90c2-4531-9250-cdb6a2b01315'\ncertificate_file = '{}'\nprivate_key_file = 'key.pem'\n",
        testdata.join("client.cert.pem").display()
    );
    let path = directory.0.join("connector.toml");
    std::fs::write(&path, configuration).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_m365-connector"))
        .args(["check-config".as_ref(), "--config".as_ref(), path.as_os_str()])
        .output()
        .unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    let (_, days) = text.split_once("is in order; the credential is good for another ").unwrap();
    let days: u64 = days.split(' ').next().unwrap().parse().unwrap();
    assert!(days > 30_000, "the certificate ends in 2126: {text}");
}

/// If this failed, an administrator would learn of a slip from users who are still let in.
#[actix_web::test]
async fn the_configuration_is_checked_with_its_tenant_files() {
    let simulator = Simulator::start(m365_simulator::SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new("check");
    write_configuration(&directory.0, &simulator);
    let checked = command(&directory.0, &["check-config"]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success() && said.contains("is in order; tenant files in order: 1"), "{said}");

    std::fs::rename(directory.0.join("tenants.d/first.toml"), directory.0.join("first.toml")).unwrap();
    let checked = command(&directory.0, &["check-config"]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success() && said.contains("there is no tenant file yet"), "{said}");

    std::fs::write(directory.0.join("tenants.d/second.toml"), "id = 'contoso'").unwrap();
    let checked = command(&directory.0, &["check-config"]);
    let said = String::from_utf8(checked.stderr).unwrap();
    assert!(!checked.status.success(), "{said}");
    assert!(said.contains("second.toml: line 1, column 6: tenant id must be a GUID"), "{said}");
    simulator.stop().await;
}

/// If this failed, an operator in trouble would have to restart the connector, and so end the trouble unseen, to read more
/// of its log; or a slip in the filter would leave it without one.
#[actix_web::test]
async fn the_log_level_is_changed_while_it_runs() {
    let running = Running::start("log-filter", "").await;
    let (caller, token) = (running.caller(), running.token().await);
    let put = async |filter: &str| {
        let url = format!("http://{}/log-filter", running.connector.operations);
        let answer = running.http.put(url).body(filter.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    caller.call(&token, "get_me", json!({})).await;
    assert_eq!(put("warn\n").await, (204, String::new()));
    caller.call(&token, "get_granted_scopes", json!({})).await;
    for (filter, named) in [("connector=loudly", "\"connector=loudly\""), (" ", "is empty")] {
        let (status, said) = put(filter).await;
        assert_eq!(status, 400, "{said}");
        assert!(said.starts_with("the log filter ") && said.contains(named), "{said}");
    }
    caller.call(&token, "outlook_list_folders", json!({})).await;
    assert_eq!(put("connector=debug").await.0, 204);
    caller.call(&token, "outlook_email_search", json!({})).await;
    let log = running.stop().await;

    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<String> = lines
        .filter(|line| line["message"] == "call completed")
        .map(|line| line["mcp.tool"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ["get_me", "outlook_email_search"], "{log}");
}

/// If this failed, an operator would see figures that nobody explains.
#[actix_web::test]
async fn every_metric_that_is_shown_is_in_the_specification() {
    const SPECIFICATION: &str = include_str!("../../docs/OBSERVABILITY.md");
    let running = Running::start("specified", "").await;
    let (caller, token) = (running.caller(), running.token().await);
    caller.call(&token, "outlook_email_search", json!({})).await;
    caller.call("not.a.token", "get_me", json!({})).await;
    let metrics = running.metrics().await;
    let shown: Vec<&str> =
        metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(shown.len() > 30, "{shown:?}");
    for name in shown {
        assert!(SPECIFICATION.contains(&format!("`{name}`")), "{name} is not in docs/OBSERVABILITY.md");
    }
    running.stop().await;
}

/// If this failed, an operator could not see which threads lack a processor, or what memory is held and not used.
#[actix_web::test]
async fn runtimes_and_allocator_are_measured_by_what_they_are_for() {
    let simulator = Simulator::start(m365_simulator::SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new("runtimes");
    write_configuration(&directory.0, &simulator);
    let path = directory.0.join("connector.toml");
    let configuration = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, configuration.replace("[listen]", "[listen]\nworkers = 3")).unwrap();
    let (connector, _) = Connector::start(&directory.0);
    let http = Client::builder().build().unwrap();
    let metrics = format!("http://{}/metrics", connector.operations);
    let read = async |name: &str| -> f64 {
        let text = http.get(&metrics).send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    };

    for (role, threads) in [("workers", 3.0), ("operations", 1.0), ("io", 2.0)] {
        // A listener's workers begin one after the other.
        eventually(role, async || {
            let found = read(&format!("connector_runtime_threads{{runtime=\"{role}\"}}")).await;
            (found - threads).abs() < 0.5
        })
        .await;
    }
    assert!(read("connector_runtime_threads{runtime=\"shards\"}").await >= 1.0);
    assert!(read("connector_runtime_busy_time_seconds_total{runtime=\"operations\"}").await > 0.0);
    assert!(read("connector_runtime_tasks{runtime=\"io\"}").await >= 1.0);
    let held = read("connector_allocator_committed_bytes").await;
    assert!(held > f64::from(1 << 20) && read("connector_allocator_pages").await >= 1.0, "{held}");
    connector.stop();
    simulator.stop().await;
}
