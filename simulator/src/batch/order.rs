//! Puts the items of a batch behind those that they depend on.

use super::item::{BatchRefusal, Item, same_id};

/// The same items, in the order sent as far as dependencies allow. Refuses dependencies on what is not there, and
/// those that run in a circle.
pub(super) fn ordered(items: Vec<Item>) -> Result<Vec<Item>, BatchRefusal> {
    for item in &items {
        let is_there = |on: &&String| items.iter().any(|other| same_id(&other.id, on) && other.id != item.id);
        if let Some(on) = item.depends_on.iter().find(|on| !is_there(on)) {
            return Err(BatchRefusal::UnknownDependency { id: item.id.clone(), on: on.clone() });
        }
    }
    let mut waiting = items;
    let mut ordered: Vec<Item> = Vec::with_capacity(waiting.len());
    while let Some(first) = waiting.first() {
        let is_done = |on: &String| ordered.iter().any(|done| same_id(&done.id, on));
        let next = waiting.iter().position(|item| item.depends_on.iter().all(is_done));
        let next = next.ok_or_else(|| BatchRefusal::Circle(first.id.clone()))?;
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}
