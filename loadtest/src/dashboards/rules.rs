//! Recording rules and alerts, as Prometheus judges them.

use serde_json::Value;

use super::prometheus::Prometheus;

type Failure = Box<dyn std::error::Error>;

/// Alerts that this weather should set off; they wait for their `for` when the load ends.
const SET_OFF: [&str; 8] = [
    "AuditRecordsLost",
    "CredentialNotReloaded",
    "ErrorBudgetBurns",
    "ErrorBudgetBurnsFast",
    "ErrorBudgetBurnsSlowly",
    "ServiceLeftAlone",
    "TelemetryLost",
    "ThrottledByGraph",
];

/// Alerts that it may set off, as chance has it. All others are silent.
const MAY_BE_SET_OFF: [&str; 3] = ["CallsShed", "RetriesRunOut", "ThrottleSaturated"];

/// What is not as it should be.
pub(super) async fn check(prometheus: &Prometheus) -> Result<Vec<String>, Failure> {
    let data = prometheus.rules().await?;
    let groups = data["groups"].as_array().into_iter().flatten();
    let rules: Vec<&Value> =
        groups.flat_map(|group| group["rules"].as_array().into_iter().flatten()).collect();
    if rules.is_empty() {
        return Err("prometheus has read no rules".into());
    }
    let mut wrong = Vec::new();
    for rule in rules {
        let name = rule["name"].as_str().unwrap_or_default();
        if rule["health"] != "ok" {
            wrong.push(format!("rule {name}: {}", rule["lastError"]));
        }
        let is_alert = rule["type"] == "alerting";
        let is_certain = is_alert && !MAY_BE_SET_OFF.contains(&name);
        if is_certain && SET_OFF.contains(&name) == (rule["state"] == "inactive") {
            wrong.push(format!("alert {name} is {}", rule["state"]));
        }
        if !is_alert && prometheus.query(name).await?.is_empty() {
            wrong.push(format!("recording rule {name} records nothing"));
        }
    }
    Ok(wrong)
}
