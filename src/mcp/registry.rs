//! What is offered, each piece written once at start as its list shows it.

use std::sync::Arc;

use connector_actors::lease::GrantedScopes;
use rmcp::model::{self, JsonObject, ToolAnnotations};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use thiserror::Error;

use super::header_parameters::HeaderParameters;
use super::server_info::ServerInfo;
use super::version::{Era, LegacyVersion};

use crate::policy::{self, Decision, Question, TenantPolicy};
use crate::tools::{Catalogue, Icon, ListedResource, Prompt, PromptArgument, ResourceTemplate, Tool};

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
    #[error("two prompts are named {0}")]
    RepeatedPrompt(&'static str),
    #[error("{0} mirrors an argument into a header against the rules of x-mcp-header")]
    HeaderParameter(&'static str),
    #[error("what the server says of itself or of a tool can't be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

/// A tool, with what is known of it before it is called.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) tool: &'static Tool,
    pub(super) header_parameters: HeaderParameters,
    listing: Box<RawValue>,
    /// For the version that knows no icons.
    listing_without_icon: Box<RawValue>,
}

/// The catalogue, in its own order.
#[derive(Debug)]
pub(super) struct Registry {
    tools: Box<[Entry]>,
    pub(super) resources: Box<[Box<RawValue>]>,
    pub(super) resource_templates: Box<[Box<RawValue>]>,
    pub(super) prompts: Box<[Box<RawValue>]>,
}

impl Registry {
    pub(super) fn of(catalogue: &Catalogue, info: &ServerInfo) -> Result<Self, RegistryError> {
        refuse_bad_names(catalogue)?;
        let resources: &[ListedResource] = catalogue.resources.map_or(&[], |resources| resources.listed);
        let templates: Vec<ResourceTemplate> =
            catalogue.resources.map_or_else(Vec::new, |resources| resources.templates.concat());
        Ok(Self {
            tools: catalogue.tools.iter().map(|tool| entry_of(tool, info)).collect::<Result<_, _>>()?,
            resources: write_each(resources)?,
            resource_templates: write_each(&templates)?,
            prompts: catalogue.prompts.iter().map(write_prompt).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.tools.iter().find(|entry| entry.tool.name == name)
    }

    /// What a user of the tenant may see in this era, in the order of the catalogue. Without `granted`, policy alone
    /// decides.
    pub(super) fn visible<'a>(
        &'a self,
        era: Era,
        policy: &TenantPolicy,
        granted: Option<&GrantedScopes>,
    ) -> Vec<&'a RawValue> {
        self.tools
            .iter()
            .filter(|entry| {
                allowed(policy, entry.tool) && granted.is_none_or(|granted| opened(entry.tool, granted))
            })
            .map(|entry| match era {
                Era::Legacy(LegacyVersion::V2025_06_18) => &*entry.listing_without_icon,
                Era::Modern | Era::Legacy(LegacyVersion::V2025_11_25) => &*entry.listing,
            })
            .collect()
    }
}

fn refuse_bad_names(catalogue: &Catalogue) -> Result<(), RegistryError> {
    for (at, tool) in catalogue.tools.iter().enumerate() {
        if !is_legal_name(tool.name) {
            return Err(RegistryError::IllegalName(tool.name));
        }
        if catalogue.tools[..at].iter().any(|earlier| earlier.name == tool.name) {
            return Err(RegistryError::RepeatedName(tool.name));
        }
    }
    for (at, prompt) in catalogue.prompts.iter().enumerate() {
        if catalogue.prompts[..at].iter().any(|earlier| earlier.name == prompt.name) {
            return Err(RegistryError::RepeatedPrompt(prompt.name));
        }
    }
    Ok(())
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

fn entry_of(tool: &'static Tool, info: &ServerInfo) -> Result<Entry, RegistryError> {
    let input = object_schema((tool.input_schema)()).ok_or(RegistryError::NotAnObjectSchema(tool.name))?;
    let header_parameters = HeaderParameters::of(&input).ok_or(RegistryError::HeaderParameter(tool.name))?;
    let mut listing = model::Tool::new(tool.name, tool.description, input)
        .with_title(tool.title)
        .with_annotations(annotations_of(tool));
    if let Some(output) = tool.output_schema {
        let output = object_schema(output()).ok_or(RegistryError::NotAnObjectSchema(tool.name))?;
        listing = listing.with_raw_output_schema(output);
    }
    let listing_without_icon = to_raw_value(&listing)?;
    // PNG alone: a model pays for each address, and every client can show it.
    if let Some(icon) = info.icon(Icon::of_tool(tool.name).png) {
        listing = listing.with_icons(vec![icon]);
    }
    Ok(Entry { tool, header_parameters, listing: to_raw_value(&listing)?, listing_without_icon })
}

fn write_each<T: Serialize>(items: &[T]) -> Result<Box<[Box<RawValue>]>, RegistryError> {
    Ok(items.iter().map(to_raw_value).collect::<Result<_, _>>()?)
}

/// A prompt as `prompts/list` shows it.
#[derive(Serialize)]
struct PromptListing {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    arguments: &'static [PromptArgument],
}

fn write_prompt(prompt: &Prompt) -> Result<Box<RawValue>, RegistryError> {
    let Prompt { name, title, description, arguments, .. } = *prompt;
    Ok(to_raw_value(&PromptListing { name, title, description, arguments })?)
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
