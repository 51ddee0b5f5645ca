//! What happens to Microsoft 365, and to what the operator keeps, while people work.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tokio::time::sleep;

use super::audit_reader::Doing;
use super::person::Person;
use super::premises::Premises;
use super::rush::Rush;
use super::schedule::Schedule;
use super::simulator::SimulatorControl;
use crate::child::Measured;
use crate::load::now;

type Failure = Box<dyn std::error::Error>;

/// Of Entra; the tenant stands before it.
const TOKEN_ENDPOINT: &str = "/oauth2/v2.0/token";

/// Whom and what the weather meets.
pub(super) struct Place<'a> {
    pub(super) simulator: &'a SimulatorControl,
    pub(super) premises: &'a Premises,
    /// Principal names.
    pub(super) people: &'a [String],
    /// Who is in a hurry.
    pub(super) hurried: Arc<Person>,
}

/// Lets the weather pass by the `schedule`: new keys, throttling, step-up, faults, an outage of Graph, somebody in a hurry
/// while nobody reads the audit records; and meanwhile what operators do. The collector is away at the end.
pub(super) async fn pass(place: Place<'_>, collector: Measured, schedule: &Schedule) -> Result<(), Failure> {
    let Place { simulator, premises, people, hurried } = place;

    schedule.reach(10).await;
    // The connector knows the first one alone.
    simulator.publish_keys(json!({ "active": "second", "published": ["second", "first"] })).await?;
    premises.revoke_a_user()?;

    schedule.reach(15).await;
    come_with_an_unknown_key(simulator, &hurried, schedule.at(18)).await?;

    schedule.reach(20).await;
    throttle(simulator, people).await?;
    premises.switch_off(&["search_people"])?;

    schedule.reach(35).await;
    simulator.clear_faults().await?;
    premises.switch_off(&[])?;
    let tenant = simulator.second_tenant().await?;
    simulator.demand(&tenant, json!({ "mfa": "step_up" })).await?;
    premises.break_tenant_file()?;

    schedule.reach(50).await;
    simulator.demand(&tenant, json!({ "mfa": "off" })).await?;
    premises.mend_tenant_file()?;
    premises.break_credential()?;
    fail(simulator).await?;

    schedule.reach(60).await;
    simulator.clear_faults().await?;
    premises.mend_credential()?;
    // Graph is down: its services are left alone.
    simulator.fault(json!({ "service": "graph", "status": 503 })).await?;

    schedule.reach(72).await;
    simulator.clear_faults().await?;
    collector.stop()?;

    schedule.reach(80).await;
    // A new token is exchanged slowly, and the calls that wait for it fill the places of one user. Graph would not do: where
    // its outage was long, calls of it are still refused at once.
    let slow =
        json!({ "service": "entra", "path_prefix": TOKEN_ENDPOINT, "user": hurried.name, "delay_ms": 800 });
    simulator.fault(slow).await?;
    let rush = Rush::begin(hurried, schedule.at(90)).await?;
    // Without its record a call is shed before it takes a place.
    rush.fill_all_places().await;
    premises.audit.stop_reading()?;
    rush.end().await;
    premises.audit.turn_to(Doing::Away);
    simulator.clear_faults().await?;

    // From when the last in a hurry was answered.
    sleep(schedule.share(4)).await;
    premises.audit.turn_to(Doing::Reading);
    Ok(())
}

/// A token names a key that nobody knows, while the keys cannot be had. It comes again when the fetch has found that its
/// connection had just been closed, and so reached nobody.
async fn come_with_an_unknown_key(
    simulator: &SimulatorControl,
    stranger: &Person,
    until: Instant,
) -> Result<(), Failure> {
    let path = "/discovery/v2.0/keys";
    simulator.fault(json!({ "service": "entra", "path_prefix": path, "status": 503 })).await?;
    let forged = simulator.token_of_unknown_key(&stranger.name).await?;
    stranger.knock(&forged).await;
    while !simulator.asked().await?.keys.contains_key(&503) && now() < until {
        stranger.knock(&forged).await;
    }
    simulator.clear_faults().await
}

async fn throttle(simulator: &SimulatorControl, people: &[String]) -> Result<(), Failure> {
    for person in people.iter().rev().take(2) {
        // Longer than any call may take: the gate refuses what comes after.
        let headers = json!({ "Retry-After": "120" });
        let once =
            json!({ "service": "graph", "user": person, "status": 429, "headers": headers, "times": 1 });
        simulator.fault(once).await?;
    }
    let headers = json!({ "Retry-After": "1" });
    simulator.fault(json!({ "service": "graph", "status": 429, "share": 0.4, "headers": headers })).await
}

async fn fail(simulator: &SimulatorControl) -> Result<(), Failure> {
    simulator.fault(json!({ "service": "graph", "status": 503, "share": 0.7 })).await?;
    simulator.fault(json!({ "service": "graph", "delay_ms": 300, "share": 0.2 })).await?;
    simulator
        .fault(json!({ "service": "entra", "path_prefix": TOKEN_ENDPOINT, "status": 503, "times": 4 }))
        .await
}
