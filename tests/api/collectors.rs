//! A collector that is away, or takes connections and never answers, or answers late: what that costs, and what it does
//! not.

use std::net::TcpListener;
use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::otlp::{Carrier, Receiver};
use crate::running::{Caller, Running, pushing};

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
    let name = format!("{collector:?}-{}", protocol.len()).to_lowercase();
    let running = Running::start(&name, &pushing(&collector.start(), protocol)).await;
    let (caller, token) = (running.caller(), running.token().await);

    let calls_go_on = async {
        loop {
            call(&caller, &token, "get_me").await;
            let metrics = running.metrics().await;
            if ["traces", "metrics", "logs"].iter().all(|signal| lost(&metrics, signal) > 0.0) {
                break;
            }
        }
    };
    let seen = tokio::time::timeout(BOUND, calls_go_on).await;

    assert!(seen.is_ok(), "every signal counts what it has lost");
    let log = running.stop().await;
    assert!(log.contains("telemetry lost") && log.contains("stopped"), "{log}");
}

/// An export ends within the five seconds that it may take, so that none is lost but for want of room.
const LATE: Duration = Duration::from_secs(4);

/// So many spans may wait, and lines; each with what it weighs at most, in bytes.
const SPANS: f64 = 4_096.0;
const SPAN_WEIGHS: f64 = 2_048.0;
const LINES: f64 = 2_048.0;
const LINE_WEIGHS: f64 = 2_048.0;

/// The server span, policy and session: a call that asks Graph for nothing is soon over, and there are many.
const SPANS_OF_A_CALL: f64 = 3.0;

/// If this failed, a collector that falls behind would slow calls down, fill the memory, or lose what nobody counts.
#[rstest]
#[actix_web::test]
async fn a_collector_that_falls_behind_costs_what_fits_no_queue_and_no_more(
    #[values(Carrier::Http, Carrier::Grpc)] carrier: Carrier,
) {
    let receiver = Receiver::answering_after(carrier, LATE);
    let name = format!("late-{}", receiver.protocol.len());
    let running = Running::start(&name, &receiver.settings()).await;
    let (caller, token) = (running.caller(), running.token().await);
    let (mut made, mut metrics) = (0.0, String::new());
    let mut calls_until = async |is_reached: &dyn Fn(&str) -> bool| {
        loop {
            join_all((0..64).map(|_| call(&caller, &token, "get_granted_scopes"))).await;
            made += 64.0;
            // Each is a line, and no call.
            join_all((0..32).map(|_| caller.call("not.a.token", "get_me", json!({})))).await;
            metrics = running.metrics().await;
            if is_reached(&metrics) {
                return (made, gauge(&metrics, "process_memory_usage_bytes"), lost(&metrics, "traces"));
            }
        }
    };
    let (_, empty, _) = calls_until(&|_| true).await;
    let is_full = |metrics: &str| lost(metrics, "traces") > 0.0 && lost(metrics, "logs") > 0.0;
    let full = tokio::time::timeout(2 * BOUND, calls_until(&is_full)).await;
    let (_, full, dropped) = full.expect("what does not fit is counted");
    let further = dropped + 2.0 * SPANS / SPANS_OF_A_CALL;
    let on = tokio::time::timeout(2 * BOUND, calls_until(&|metrics| lost(metrics, "traces") > further)).await;
    let (made, after, dropped) = on.expect("and goes on being counted");

    let held = SPANS * SPAN_WEIGHS + LINES * LINE_WEIGHS;
    // Beside what is held stand a batch under way in each form that it takes, and what calls at once need.
    assert!(full - empty < 3.0 * held, "the queues are full at {full} bytes, from {empty}");
    // Twice the spans that may wait: kept, they would weigh more.
    assert!(after - full < held, "and what is dropped is kept nowhere: {after} from {full}");
    let arrived = receiver.spans().iter().filter(|span| span.name.starts_with("tools/call")).count();
    let arrived = f64::from(u32::try_from(arrived).unwrap());
    let waiting = made - dropped - arrived;
    assert!(
        (0.0..=SPANS / SPANS_OF_A_CALL).contains(&waiting),
        "of {made} calls {dropped} were dropped and {arrived} have arrived"
    );
    running.stop().await;
}

async fn call(caller: &Caller<'_>, token: &str, tool: &str) {
    let call = caller.call(token, tool, json!({}));
    let answer = tokio::time::timeout(NO_CALL_TAKES, call).await.expect("no call waits for telemetry");
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
}

fn lost(metrics: &str, signal: &str) -> f64 {
    gauge(metrics, &format!("connector_telemetry_dropped_total{{signal=\"{signal}\"}}"))
}

fn gauge(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}
