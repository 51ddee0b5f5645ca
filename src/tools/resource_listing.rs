//! Resources as clients see them: which there are, which patterns of URIs can be read, and how one is read.

use futures_util::future::LocalBoxFuture;
use serde::Serialize;

use super::content::ResourceContents;
use super::error::ToolError;
use super::user_context::UserContext;

/// Reads what stands behind a URI. A URI that names nothing is [`ErrorCode::NotFound`](super::ErrorCode::NotFound).
pub type ReadResource =
    for<'a> fn(&'a str, &'a UserContext<'a>) -> LocalBoxFuture<'a, Result<Vec<ResourceContents>, ToolError>>;

/// Everything that is offered as a resource.
#[derive(Debug, Clone, Copy)]
pub struct Resources {
    pub listed: &'static [ListedResource],
    /// In groups, one a scheme.
    pub templates: &'static [&'static [ResourceTemplate]],
    pub read: ReadResource,
    /// The most that reading a URI asks Graph for, as for a tool; `None` for one that nothing here reads. A test counts.
    pub most_requests: fn(&str) -> Option<u32>,
}

/// A resource that is there for everybody.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedResource {
    pub uri: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub mime_type: &'static str,
}

/// A pattern of URIs (RFC 6570).
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTemplate {
    pub uri_template: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub mime_type: &'static str,
}
