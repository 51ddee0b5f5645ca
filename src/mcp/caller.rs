//! What dispatch asks of the world outside of the protocol.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use connector_actors::lease::Lease;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::headers::HeaderField;
use crate::policy::{Decision, Question, TenantPolicy};
use crate::tools::{
    Complete, CompletionQuery, Completions, HelpLink, HelpLinks, ReadResource, ResourceContents, Tool,
    ToolAnswer, ToolCall, ToolError, UserContext,
};

/// The surroundings of one request. A trait, so that the rules of the protocol are testable without a user's Graph.
pub trait Host {
    fn policy(&self) -> &TenantPolicy;

    /// What that policy says to `question`.
    fn decide(&self, question: &Question<'_>) -> Decision;

    /// The id by which the caller, the audit record, Entra and Graph know this request.
    fn correlation_id(&self) -> Uuid;

    /// A header of the request, by its lower-case name.
    fn header(&self, name: &str) -> HeaderField<'_>;

    /// An address that helps a user of this tenant; `None` where there is none.
    fn help(&self, link: HelpLink) -> Option<String>;

    /// A lease of the user, for its scopes; `None` when there is none to be had.
    fn granted(&self) -> impl Future<Output = Option<Arc<Lease>>>;

    /// Runs `tool`. `arguments` is a JSON object.
    fn run(
        &self,
        tool: &'static Tool,
        arguments: &RawValue,
    ) -> impl Future<Output = Result<ToolAnswer, ToolError>>;

    /// Reads the resource at `uri`.
    fn read(
        &self,
        read: ReadResource,
        uri: &str,
    ) -> impl Future<Output = Result<Vec<ResourceContents>, ToolError>>;

    /// Finds values for what is being typed.
    fn complete(
        &self,
        complete: Complete,
        query: CompletionQuery<'_>,
    ) -> impl Future<Output = Result<Completions, ToolError>>;
}

/// A verified user's request on its worker.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub user: UserContext<'a>,
    pub correlation_id: Uuid,
    pub help: &'a HelpLinks,
    /// Looks a header up by its lower-case name.
    pub headers: &'a dyn Fn(&str) -> HeaderField<'a>,
}

impl Host for Caller<'_> {
    fn policy(&self) -> &TenantPolicy {
        self.user.policy
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        self.user.decide(question)
    }

    fn correlation_id(&self) -> Uuid {
        self.correlation_id
    }

    fn header(&self, name: &str) -> HeaderField<'_> {
        (self.headers)(name)
    }

    fn help(&self, link: HelpLink) -> Option<String> {
        self.help.url(link, self.user.principal.tenant)
    }

    async fn granted(&self) -> Option<Arc<Lease>> {
        self.user.graph.lease().await.ok()
    }

    async fn run(&self, tool: &'static Tool, arguments: &RawValue) -> Result<ToolAnswer, ToolError> {
        (tool.run)(&ToolCall { arguments, user: self.user }).await
    }

    async fn read(&self, read: ReadResource, uri: &str) -> Result<Vec<ResourceContents>, ToolError> {
        read(uri, &self.user).await
    }

    async fn complete(
        &self,
        complete: Complete,
        query: CompletionQuery<'_>,
    ) -> Result<Completions, ToolError> {
        complete(query, &self.user).await
    }
}

/// Without the headers: the token is among them.
impl fmt::Debug for Caller<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Caller").field("correlation_id", &self.correlation_id).finish_non_exhaustive()
    }
}
