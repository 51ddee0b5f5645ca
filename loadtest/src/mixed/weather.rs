//! What happens to Microsoft 365 meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep_until;

use super::simulator::SimulatorControl;

type Failure = Box<dyn std::error::Error>;

/// Lets the weather pass over `duration`: calm, throttling, step-up, faults, calm.
pub(super) async fn pass(
    simulator: &SimulatorControl,
    people: &[String],
    started: Instant,
    duration: Duration,
) -> Result<(), Failure> {
    let at = |percent| sleep_until((started + duration * percent / 100).into());

    at(20).await;
    for person in people.iter().rev().take(2) {
        // Longer than any call may take: the gate refuses what comes after.
        let headers = json!({ "Retry-After": "120" });
        let once =
            json!({ "service": "graph", "user": person, "status": 429, "headers": headers, "times": 1 });
        simulator.fault(once).await?;
    }
    let headers = json!({ "Retry-After": "1" });
    simulator.fault(json!({ "service": "graph", "status": 429, "share": 0.25, "headers": headers })).await?;

    at(40).await;
    simulator.clear_faults().await?;
    let tenant = simulator.second_tenant().await?;
    simulator.demand(&tenant, json!({ "mfa": "step_up" })).await?;

    at(55).await;
    simulator.demand(&tenant, json!({ "mfa": "off" })).await?;
    simulator.fault(json!({ "service": "graph", "status": 503, "share": 0.7 })).await?;
    simulator.fault(json!({ "service": "graph", "delay_ms": 300, "share": 0.2 })).await?;
    let token_endpoint =
        json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 503, "times": 4 });
    simulator.fault(token_endpoint).await?;

    at(75).await;
    simulator.clear_faults().await
}
