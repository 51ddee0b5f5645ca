//! The tools: what a model may ask for, one file a toolset.
//!
//! A tool is one static value ([`Tool`]) in the [`Catalogue`]. It reads its arguments strictly, asks Graph through
//! the call's [`UserGraph`](crate::graph::UserGraph), and answers with structured JSON and the same as text, less
//! what is for people or machines only.

mod arguments;
mod availability;
mod calendar_item;
mod calendar_search;
mod catalogue;
mod character_boundary;
mod completeness;
mod completion;
mod content;
mod cursor;
mod dates;
mod document;
mod error;
mod event_time;
mod graph_failure;
mod help;
mod html;
mod icon;
mod identity;
mod kql;
mod line;
mod links;
mod list;
mod mail_attachment;
mod mail_folder_names;
mod mail_folders;
mod mail_item;
mod mail_search;
mod mailbox;
mod meeting;
mod mirror;
mod open_ai;
mod own_zone;
mod pages;
mod participant;
mod people;
mod person;
mod progress;
mod prompt;
mod prompts;
mod provenance;
#[cfg(test)]
mod published;
mod read_alone;
mod read_resource;
mod recurrence;
mod resource;
mod resource_listing;
mod resources;
mod review;
mod schema;
mod sharepoint;
mod sign_in_failure;
mod sought;
mod suggestions;
mod teams;
mod text;
mod text_form;
mod throttled;
mod tool;
mod uri;
mod user_context;
mod warm_buffer;
mod window;
mod windows_zones;
mod words;
mod zone;

pub use catalogue::Catalogue;
pub use completion::{Complete, CompletionQuery, CompletionTarget, Completions};
pub use content::{Content, ResourceBody, ResourceContents};
pub use cursor::CursorSealer;
pub use error::{About, ActionableError, Challenge, ErrorCode, Fault, InternalError, ToolError};
pub use help::{HelpLink, HelpLinks};
pub use icon::{ICON_SET, Icon, IconFile};
pub use mirror::{JsonText, write_mirrored};
pub use progress::{Progress, ProgressSink, Unreported};
pub use prompt::{Prompt, PromptArgument, PromptArguments, PromptMessage, Role};
pub use resource_listing::{ListedResource, ReadResource, ResourceTemplate, Resources};
pub use tool::{ScopeRule, Tool, ToolAnswer, ToolCall, ToolRun};
pub use user_context::UserContext;
pub use warm_buffer::WarmBuffer;
