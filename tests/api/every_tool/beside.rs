//! The user's own zone in a new session: learnt beside the work, where the work does not depend on it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ROWS, every_profile};
use crate::calls::{Known, without_limits};
use crate::world::World;

/// The tools whose calls here have dates that mean another time in each zone, or leave out one that lies some days from another.
const FIRST: &[&str] = &["meetings_find", "outlook_calendar_search", "outlook_find_available_time"];

/// A call of every tool that asks Graph, and a reading of every form of uri.
fn calls(known: &Known) -> Vec<(&'static str, Value)> {
    let tools = ROWS.iter().filter(|row| !row.refusal.is_empty()).map(|row| (row.tool, known.good(row.tool)));
    tools.chain(known.uris.iter().map(|uri| ("read_resource", json!({ "uri": uri })))).collect()
}

/// If this failed, the first call of a session would take as long as asking for the zone and its own requests do one behind the
/// other.
#[actix_web::test]
async fn the_zone_is_asked_for_first_only_where_dates_depend_on_it() {
    let newest = Timestamp::now();
    let world = World::written_before(every_profile(), newest, without_limits).await;
    let person = world.person(0, 0);
    let known = world.known(&person, &world.token(&person).await).await;
    let (mut first, mut beside) = (BTreeSet::new(), 0);
    for (tool, arguments) in calls(&known) {
        let world = World::written_before(every_profile(), newest, without_limits).await;
        let token = world.token(&world.person(0, 0)).await;
        // The first of the two requests for the zone: whatever else is sent meanwhile does not wait for them.
        world.fault(json!({ "service": "graph", "route": "/v1.0/me", "delay_ms": 300 })).await;
        world.answer(&token, tool, arguments).await;
        let asked = world.graph_paths().await;
        match asked.iter().position(|path| path.ends_with("/me/calendar/getSchedule")) {
            Some(1) if asked[0] == "/v1.0/me" => {
                first.insert(tool);
            }
            Some(_) => beside += 1,
            // It tells no times.
            None => {}
        }
    }
    assert_eq!(first, FIRST.iter().copied().collect());
    assert!(beside > 20, "{beside} calls learnt the zone beside their work");
}
