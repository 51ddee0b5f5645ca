//! The demo as its user meets it: what it prints, that it serves, and that it stops.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use reqwest::Client;
use serde_json::Value;

/// The demo on free ports, ended with the test at the latest.
struct Demo {
    process: Child,
    output: Box<dyn BufRead>,
}

impl Demo {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_m365-demo"))
            .envs([("CONNECTOR_PORT", "0"), ("CONNECTOR_OPERATIONS_PORT", "0"), ("SIMULATOR_PORT", "0")])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Box::new(BufReader::new(process.stdout.take().unwrap()));
        Self { process, output }
    }

    /// The next lines, up to the one that holds `last`.
    fn lines_until(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains(last)) {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                let mut errors = String::new();
                self.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
                panic!("the demo ended: {lines:#?} {errors}");
            }
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// What is printed up to the end of the visit, and what stands below it.
    fn visit(&mut self) -> Vec<String> {
        self.lines_until("Serving until Ctrl-C.")
    }

    /// Ctrl-C; whether it ends well.
    fn interrupt(mut self) -> bool {
        let asked = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap().success()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The two addresses of `ready connector=http://127.0.0.1:8080/mcp simulator=http://127.0.0.1:8081`.
fn addresses(ready: &str) -> (String, String) {
    let (connector, simulator) =
        ready.strip_prefix("ready connector=").and_then(|rest| rest.split_once(" simulator=")).unwrap();
    let port = |address: &str| address.parse::<u16>().unwrap_or_else(|_| panic!("{ready}"));
    port(connector.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/mcp")).unwrap());
    port(simulator.strip_prefix("http://127.0.0.1:").unwrap());
    (connector.to_owned(), simulator.to_owned())
}

async fn asked(http: &Client, address: String) -> Value {
    let answer = http.get(address).send().await.unwrap().bytes().await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

/// If this failed, a newcomer would see a demo that does not do what it is for, or programs would look for it in vain.
#[actix_web::test]
async fn the_demo_says_where_it_is_plays_its_visit_and_serves_until_it_is_interrupted() {
    let mut demo = Demo::start();
    let ready = demo.lines_until("ready").join("\n");
    let (connector, simulator) = addresses(&ready);
    let shown = demo.visit();

    let steps: Vec<&str> = shown.iter().filter_map(|line| line.trim_start().strip_prefix("✓ ")).collect();
    let names = [
        "discovery",
        "sign-in with PKCE",
        "on-behalf-of exchange",
        "tools/list",
        "outlook_email_search",
        "read_resource",
    ];
    assert_eq!(steps.len(), names.len(), "{shown:#?}");
    for (step, name) in steps.iter().zip(names) {
        let took = step.strip_prefix(name).unwrap_or_else(|| panic!("{name} is not the beginning of {step}"));
        let (milliseconds, what) = took.split_once(" ms  ").unwrap();
        assert!(milliseconds.trim().parse::<f64>().is_ok() && !what.is_empty(), "{step}");
    }
    assert!(shown.iter().all(|line| !line.contains('\u{1b}')), "no colours where there is no terminal");

    let http = Client::builder().build().unwrap();
    let directory = asked(&http, format!("{simulator}/_sim/directory")).await;
    let client = directory["clients"][0]["id"].as_str().unwrap();
    for program in ["claude mcp add", "mcp-remote", "@modelcontextprotocol/inspector"] {
        let line = shown.iter().find(|line| line.contains(program) && line.contains(&connector));
        assert!(line.is_some_and(|line| line.contains(client)), "{program}: {shown:#?}");
    }

    let users = |tenant: &Value| tenant["users"].as_array().unwrap().clone();
    let tenants = directory["tenants"].as_array().unwrap();
    let (first, last) = (users(&tenants[0])[0].clone(), users(tenants.last().unwrap()).pop().unwrap());
    let visited = |user: &Value| shown.iter().any(|line| line.contains(user["upn"].as_str().unwrap()));
    assert!(visited(&first) && !visited(&last));
    let requests = asked(&http, format!("{simulator}/_sim/requests")).await.to_string();
    for name in ["id", "upn"] {
        assert!(!requests.contains(last[name].as_str().unwrap()), "the last user was touched");
    }
    assert_eq!(http.post(&connector).send().await.unwrap().status(), 401);
    assert!(demo.interrupt());
}

/// If this failed, a program that reads where the two are and closes its end would take them away.
#[actix_web::test]
async fn the_demo_serves_on_when_nobody_reads_what_it_prints() {
    let mut demo = Demo::start();
    let ready = demo.lines_until("ready").join("\n");
    let (connector, simulator) = addresses(&ready);
    demo.output = Box::new(std::io::empty());
    let http = Client::builder().build().unwrap();
    while !asked(&http, format!("{simulator}/_sim/requests")).await.to_string().contains("/me/messages/") {}
    assert_eq!(http.post(&connector).send().await.unwrap().status(), 401);
    assert!(demo.process.try_wait().unwrap().is_none(), "the demo ended");
    assert!(demo.interrupt());
}

/// The address and the paths of `operations http://127.0.0.1:9090: /metrics, /healthz`.
fn operations(shown: &[String]) -> (String, Vec<&str>) {
    let line = shown.iter().find(|line| line.trim_start().starts_with("operations ")).unwrap();
    assert!(line.chars().count() <= 80, "{line}");
    let (url, paths) = line.trim_start()["operations ".len()..].split_once(": ").unwrap();
    (url.to_owned(), paths.split(", ").collect())
}

/// How many calls a scrape counts whose labels hold `label`.
fn calls(scrape: &str, label: &str) -> f64 {
    let counts = scrape
        .lines()
        .filter(|line| {
            line.starts_with("mcp_server_operation_duration_seconds_count{") && line.contains(label)
        })
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap());
    counts.sum()
}

/// If this failed, whoever tries the connector could not see of it what its operators see.
#[actix_web::test]
async fn the_operations_listener_counts_the_calls_of_the_visit() {
    let mut demo = Demo::start();
    let shown = demo.visit();
    let (url, paths) = operations(&shown);
    let http = Client::builder().build().unwrap();
    assert_eq!(paths, ["/metrics", "/healthz", "/readyz", "/log-filter"]);
    for path in &paths[..3] {
        assert_eq!(http.get(format!("{url}{path}")).send().await.unwrap().status(), 200, "{path}");
    }
    let filter = http.put(format!("{url}/log-filter")).body("connector=debug");
    assert_eq!(filter.send().await.unwrap().status(), 204);

    let scrape = http.get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap();
    for (label, expected) in [
        (r#"mcp_method_name="tools/call""#, 3.0),
        (r#"mcp_method_name="tools/list""#, 1.0),
        (r#"gen_ai_tool_name="outlook_email_search""#, 1.0),
    ] {
        let counted = calls(&scrape, label);
        assert!((counted - expected).abs() < f64::EPSILON, "{label}: {counted}, in {scrape}");
    }
    assert!(demo.interrupt());
}

/// If this failed, what stands in the environment would be passed over in silence; or log lines would be between those of
/// the visit.
#[actix_web::test]
async fn the_visit_is_told_to_the_collector_and_the_file_that_the_environment_names() {
    let taken: Data<Mutex<BTreeSet<String>>> = Data::default();
    let paths = Data::clone(&taken);
    let collector =
        HttpServer::new(move || App::new().app_data(paths.clone()).default_service(web::to(take)))
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
    let endpoint = format!("http://{}", collector.addrs()[0]);
    actix_web::rt::spawn(collector.run());
    let there = Client::builder().build().unwrap().get(&endpoint).send().await.unwrap();
    assert_eq!(there.status(), 200);

    let log = std::env::temp_dir().join(format!("m365-demo-{}.log", std::process::id()));
    let mut demo = Demo::start_with(&[
        ("CONNECTOR__TELEMETRY__OTLP_ENDPOINT", endpoint.as_str()),
        ("CONNECTOR_LOG_FILE", log.to_str().unwrap()),
    ]);
    let shown = demo.visit();
    assert!(demo.interrupt());

    let lines = fs::read_to_string(&log).unwrap();
    fs::remove_file(&log).unwrap();
    for message in ["listener started", "call completed"] {
        assert!(lines.contains(message), "{lines}");
        assert!(!shown.iter().any(|line| line.contains(message)), "{shown:#?}");
    }
    let taken = taken.lock().unwrap();
    for signal in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
        assert!(taken.contains(signal), "{signal} is not among {taken:?}");
    }
}

async fn take(request: HttpRequest, paths: Data<Mutex<BTreeSet<String>>>) -> HttpResponse {
    paths.lock().unwrap().insert(request.path().to_owned());
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}
