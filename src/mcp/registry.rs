//! The tools, each written once at start as `tools/list` shows it.

use std::sync::Arc;

use connector_actors::lease::GrantedScopes;
use rmcp::model::{self, JsonObject, ToolAnnotations};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use thiserror::Error;

use crate::policy::{self, Decision, Question, TenantPolicy};
use crate::tools::Tool;

/// The longest name of a tool, as MCP 2026-07-28 has it.
const LONGEST_NAME: usize = 128;

/// Why a catalogue can't be served. Each is a mistake in a tool's definition.
#[derive(Debug, Error)]
pub enum RegistryError {
    #[error("two tools are named {0}")]
    RepeatedName(&'static str),
    #[error("the name {0:?} is not 1 to 128 of A-Z a-z 0-9 _ . -")]
    IllegalName(&'static str),
    #[error("a schema of {0} is not one of an object")]
    NotAnObjectSchema(&'static str),
    #[error("what the server says of itself or of a tool can't be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

#[derive(Debug)]
struct Entry {
    tool: &'static Tool,
    listing: Box<RawValue>,
}

/// The catalogue, in its own order.
#[derive(Debug)]
pub(super) struct Registry(Box<[Entry]>);

impl Registry {
    pub(super) fn of(catalogue: &'static [Tool]) -> Result<Self, RegistryError> {
        for (at, tool) in catalogue.iter().enumerate() {
            if !is_legal_name(tool.name) {
                return Err(RegistryError::IllegalName(tool.name));
            }
            if catalogue[..at].iter().any(|earlier| earlier.name == tool.name) {
                return Err(RegistryError::RepeatedName(tool.name));
            }
        }
        catalogue
            .iter()
            .map(|tool| Ok(Entry { tool, listing: to_raw_value(&listing_of(tool)?)? }))
            .collect::<Result<_, RegistryError>>()
            .map(Self)
    }

    pub(super) fn find(&self, name: &str) -> Option<&'static Tool> {
        self.0.iter().map(|entry| entry.tool).find(|tool| tool.name == name)
    }

    /// What a user of the tenant may see, in the order of the catalogue. Without `granted`, policy alone decides.
    pub(super) fn visible<'a>(
        &'a self,
        policy: &TenantPolicy,
        granted: Option<&GrantedScopes>,
    ) -> Vec<&'a RawValue> {
        self.0
            .iter()
            .filter(|entry| {
                allowed(policy, entry.tool) && granted.is_none_or(|granted| opened(entry.tool, granted))
            })
            .map(|entry| &*entry.listing)
            .collect()
    }
}

fn allowed(policy: &TenantPolicy, tool: &Tool) -> bool {
    policy::decide(policy, &Question::UseTool { name: tool.name }) == Decision::Allow
}

fn opened(tool: &Tool, granted: &GrantedScopes) -> bool {
    tool.scopes.is_met_by(granted)
}

fn is_legal_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn listing_of(tool: &'static Tool) -> Result<model::Tool, RegistryError> {
    let schema =
        |build: fn() -> Value| object_schema(build()).ok_or(RegistryError::NotAnObjectSchema(tool.name));
    let listing = model::Tool::new(tool.name, tool.description, schema(tool.input_schema)?)
        .with_title(tool.title)
        .with_raw_output_schema(schema(tool.output_schema)?)
        .with_annotations(annotations_of(tool));
    Ok(listing)
}

/// The connector only reads, so every tool carries the same hints.
fn annotations_of(tool: &Tool) -> ToolAnnotations {
    ToolAnnotations::with_title(tool.title)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(true)
}

fn object_schema(schema: Value) -> Option<Arc<JsonObject>> {
    match schema {
        Value::Object(schema) if schema.get("type").is_some_and(|kind| kind == "object") => {
            Some(Arc::new(schema))
        }
        _ => None,
    }
}
