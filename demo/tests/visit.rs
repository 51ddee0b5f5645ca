//! The demo as its user meets it: what it prints, that it serves, and that it stops.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::Value;

/// The demo on free ports, ended with the test at the latest.
struct Demo {
    process: Child,
    output: Box<dyn BufRead>,
}

impl Demo {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_m365-demo"))
            .envs([("CONNECTOR_PORT", "0"), ("SIMULATOR_PORT", "0")])
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
    let shown = demo.lines_until("Serving until Ctrl-C.");

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
