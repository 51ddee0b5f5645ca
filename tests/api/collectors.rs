//! A collector that is away, or takes connections and never answers: what that costs, and what it does not.

use std::net::TcpListener;
use std::time::Duration;

use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::Client;
use rstest::rstest;
use serde_json::json;

use crate::running::{Caller, Connector, ScratchDirectory, push_telemetry, write_configuration};

/// An exporter gives up after five seconds: a call that waited for one would be later than this.
const NO_CALL_TAKES: Duration = Duration::from_secs(3);

/// Until each signal has lost something that anybody can see.
const BOUND: Duration = Duration::from_secs(40);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Collector {
    /// Nobody listens.
    Away,
    /// Connections are taken, and nothing is ever answered.
    Mute,
}

impl Collector {
    pub(crate) fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        if let Self::Mute = self {
            std::thread::spawn(move || {
                let mut held = Vec::new();
                for connection in listener.incoming() {
                    held.push(connection);
                }
            });
        }
        endpoint
    }
}

/// If this failed, an outage of the collector would be one of the connector, or nobody would see that its telemetry
/// goes nowhere; or the connector could not be stopped meanwhile.
#[rstest]
#[actix_web::test]
async fn a_collector_that_does_not_answer_costs_telemetry_and_no_call(
    #[values(Collector::Away, Collector::Mute)] collector: Collector,
    #[values("http/protobuf", "grpc")] protocol: &str,
) {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new(&format!("{collector:?}-{}", protocol.len()).to_lowercase());
    write_configuration(&directory.0, &simulator);
    push_telemetry(&directory.0, &collector.start(), protocol, 1.0);
    let (connector, address) = Connector::start(&directory.0);
    let http = Client::builder().build().unwrap();
    let caller = Caller { http: &http, simulator: simulator.base_url(), connector: address };
    let tenant = &simulator.directory().tenants[0];
    let minted = caller.control("token", json!({ "tenant": tenant.id, "user": tenant.users[0].id })).await;
    let token = minted["access_token"].as_str().unwrap();

    let calls_go_on = async {
        loop {
            let call = caller.call(token, "get_me", json!({}));
            let answer =
                tokio::time::timeout(NO_CALL_TAKES, call).await.expect("no call waits for telemetry");
            assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
            let metrics = http.get(format!("http://{}/metrics", connector.operations)).send().await.unwrap();
            let metrics = metrics.text().await.unwrap();
            if ["traces", "metrics", "logs"].iter().all(|signal| lost(&metrics, signal) > 0.0) {
                break;
            }
        }
    };
    let seen = tokio::time::timeout(BOUND, calls_go_on).await;

    assert!(seen.is_ok(), "every signal counts what it has lost");
    let log = connector.stop();
    assert!(log.contains("telemetry lost") && log.contains("stopped"), "{log}");
    simulator.stop().await;
}

fn lost(metrics: &str, signal: &str) -> f64 {
    let name = format!("connector_telemetry_dropped_total{{signal=\"{signal}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).map_or(0.0, |count| count.parse().unwrap())
}
