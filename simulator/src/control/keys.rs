//! `/_sim/keys`: which key signs, and which are published.

use serde_json::{Value, json};

use super::input::{Input, InputError};
use crate::entra::{KeyName, KeyState};
use crate::origins::Origin;
use crate::world::World;

/// Every key with its public half, which of them signs, and which are in the key set.
pub(super) fn show(world: &World, origin: &Origin) -> Value {
    let state = world.entra.key_state();
    let keys: Vec<Value> = KeyName::EVERY
        .into_iter()
        .map(|name| json!({ "name": name.as_str(), "jwk": world.entra.public_key(name, origin) }))
        .collect();
    let published: Vec<&str> = state.published.into_iter().map(KeyName::as_str).collect();
    json!({ "active": state.active.as_str(), "published": published, "keys": keys })
}

/// Changes what is named; what is not stays as it is.
pub(super) fn change(world: &World, origin: &Origin, mut input: Input) -> Result<Value, InputError> {
    let mut state = world.entra.key_state();
    if let Some(active) = input.text("active")? {
        state.active = publishable(&active, "active", "\"first\", \"second\" or \"personal\"")?;
    }
    if let Some(published) = input.take("published") {
        const EXPECTED: &str = "a list of \"first\", \"second\" and \"personal\"";
        let wrong = InputError::Wrong { field: "published", expected: EXPECTED };
        let names = published.as_array().ok_or(wrong)?;
        state.published = names
            .iter()
            .map(|name| publishable(name.as_str().unwrap_or_default(), "published", EXPECTED))
            .collect::<Result<_, _>>()?;
        let is_twice = |(place, name): (usize, &KeyName)| state.published[..place].contains(name);
        if state.published.iter().enumerate().any(is_twice) {
            return Err(InputError::Wrong { field: "published", expected: "a list with no key twice" });
        }
    }
    input.end()?;
    world.entra.set_key_state(state);
    Ok(show(world, origin))
}

/// As at the start.
pub(super) fn reset(world: &World) {
    world.entra.set_key_state(KeyState::default());
}

fn publishable(name: &str, field: &'static str, expected: &'static str) -> Result<KeyName, InputError> {
    KeyName::parse_publishable(name).ok_or(InputError::Wrong { field, expected })
}
