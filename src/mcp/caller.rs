//! What dispatch asks of the world outside of the protocol.

use std::future::Future;
use std::sync::Arc;

use connector_actors::clock::Clock;
use connector_actors::identity::Principal;
use connector_actors::lease::Lease;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::graph::UserGraph;
use crate::policy::TenantPolicy;
use crate::tools::{CursorSealer, Tool, ToolAnswer, ToolCall, ToolError};

/// The surroundings of one request. A trait, so that the rules of the protocol are testable without a user's Graph.
pub trait ToolHost {
    fn policy(&self) -> &TenantPolicy;

    /// The id by which the caller, the audit record, Entra and Graph know this request.
    fn correlation_id(&self) -> Uuid;

    /// A lease of the user, for its scopes; `None` when there is none to be had.
    fn granted(&self) -> impl Future<Output = Option<Arc<Lease>>>;

    /// Runs `tool`. `arguments` is a JSON object.
    fn run(
        &self,
        tool: &'static Tool,
        arguments: &RawValue,
    ) -> impl Future<Output = Result<ToolAnswer, ToolError>>;
}

/// A verified user's request on its worker: all that a tool gets, but for the arguments.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    pub graph: &'a UserGraph<'a>,
    pub policy: &'a TenantPolicy,
    pub principal: &'a Principal,
    pub clock: &'a dyn Clock,
    pub cursors: &'a CursorSealer,
    pub correlation_id: Uuid,
}

impl ToolHost for Caller<'_> {
    fn policy(&self) -> &TenantPolicy {
        self.policy
    }

    fn correlation_id(&self) -> Uuid {
        self.correlation_id
    }

    async fn granted(&self) -> Option<Arc<Lease>> {
        self.graph.lease().await.ok()
    }

    async fn run(&self, tool: &'static Tool, arguments: &RawValue) -> Result<ToolAnswer, ToolError> {
        let call = ToolCall {
            arguments,
            graph: self.graph,
            policy: self.policy,
            principal: self.principal,
            clock: self.clock,
            cursors: self.cursors,
        };
        (tool.run)(&call).await
    }
}
