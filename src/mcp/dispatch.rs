//! From a request to its answer.

use std::time::Duration;

use connector_observability::{CallOutcome, CallTarget};
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::caller::Host;
use super::error::RpcError;
use super::failure::Failure;
use super::outcome::Answer;
use super::registry::{Entry, Registry, RegistryError};
use super::request::{Invocation, MethodCall, Offered, Request};
use super::result::{self, Caching, EraMarks, List};
use super::server_info::{FixedResults, ServerInfo};
use super::version::Era;
use crate::policy::{Decision, Question};
use crate::tools::{Catalogue, InternalError, ToolAnswer, ToolError, WarmBuffer};

/// How long a list of tools waits for the user's scopes; then policy alone filters it, and the reasons come with the
/// calls.
const LONGEST_WAIT_FOR_SCOPES: Duration = Duration::from_secs(3);

/// The server side of the protocol: what is served, all of it written ahead. One for all workers.
#[derive(Debug)]
pub struct McpServer {
    pub(super) registry: Registry,
    pub(super) catalogue: Catalogue,
    offered: Offered,
    fixed: FixedResults,
    no_arguments: Box<RawValue>,
    wait_for_scopes: Duration,
}

impl McpServer {
    /// Checks and writes all of `catalogue`, so that its mistakes show at start.
    pub fn new(info: &ServerInfo, catalogue: Catalogue) -> Result<Self, RegistryError> {
        let offered = Offered::by(&catalogue);
        Ok(Self {
            registry: Registry::of(&catalogue, info)?,
            catalogue,
            offered,
            fixed: FixedResults::of(info, offered)?,
            no_arguments: RawValue::from_string("{}".to_owned())?,
            wait_for_scopes: LONGEST_WAIT_FOR_SCOPES,
        })
    }

    /// What [`parse`](super::parse) needs to know of this server.
    pub fn offered(&self) -> Offered {
        self.offered
    }

    #[cfg(test)]
    pub(super) fn waiting_for_scopes(self, wait: Duration) -> Self {
        Self { wait_for_scopes: wait, ..self }
    }

    /// The tool or the prompt that `request` asks for, where there is such a one: known before any work is done.
    pub fn target_of(&self, request: &Request<'_>) -> Option<CallTarget> {
        match &request.call {
            MethodCall::CallTool(invocation) => {
                self.registry.find(&invocation.name).map(|entry| CallTarget::Tool(entry.tool.name))
            }
            MethodCall::GetPrompt(name, _) => {
                let prompt = self.catalogue.prompts.iter().find(|prompt| prompt.name == name.as_ref());
                prompt.map(|prompt| CallTarget::Prompt(prompt.name))
            }
            _ => None,
        }
    }

    /// Answers `request`. Takes as long as `host` does: deadline and cancellation are the caller's to apply.
    pub async fn answer(&self, request: &Request<'_>, host: &impl Host) -> Answer {
        match &request.call {
            MethodCall::Discover => answer_fixed(request, host, &self.fixed.discovery),
            MethodCall::Initialize(version) => answer_fixed(request, host, self.fixed.initialized(*version)),
            MethodCall::Ping => answer_fixed(request, host, &self.fixed.pong),
            MethodCall::ListTools => self.list_tools(request, host).await,
            MethodCall::CallTool(invocation) => match self.registry.find(&invocation.name) {
                Some(entry) => self.call_tool(request, entry, invocation, host).await,
                None => refuse(request, &RpcError::UnknownTool),
            },
            MethodCall::ListResources => {
                self.list_fixed(request, host, "resources", &self.registry.resources)
            }
            MethodCall::ListResourceTemplates => {
                self.list_fixed(request, host, "resourceTemplates", &self.registry.resource_templates)
            }
            MethodCall::ListPrompts => self.list_fixed(request, host, "prompts", &self.registry.prompts),
            MethodCall::ReadResource(uri) => self.read_resource(request, uri, host).await,
            MethodCall::GetPrompt(name, arguments) => self.get_prompt(request, name, arguments, host),
            MethodCall::Complete(typing) => self.complete(request, typing, host).await,
        }
    }

    async fn list_tools(&self, request: &Request<'_>, host: &impl Host) -> Answer {
        let lease = timeout(self.wait_for_scopes, host.granted()).await.ok().flatten();
        let tools =
            self.registry.visible(request.era, host.policy(), lease.as_ref().map(|lease| lease.scopes()));
        let caching = if lease.is_some() { Caching::PER_USER } else { Caching::WITHOUT_SCOPES };
        let list = List { member: "tools", items: &tools, caching };
        let body = result::write_list(request.id(), self.marks(request.era), &list);
        finish(request, host, body, CallOutcome::Completed)
    }

    fn list_fixed(
        &self,
        request: &Request<'_>,
        host: &impl Host,
        member: &'static str,
        items: &[Box<RawValue>],
    ) -> Answer {
        let list = List { member, items, caching: Caching::FOR_EVERYONE };
        let body = result::write_list(request.id(), self.marks(request.era), &list);
        finish(request, host, body, CallOutcome::Completed)
    }

    async fn call_tool(
        &self,
        request: &Request<'_>,
        entry: &Entry,
        invocation: &Invocation<'_>,
        host: &impl Host,
    ) -> Answer {
        let tool = entry.tool;
        let arguments = invocation.arguments.as_deref().unwrap_or(&self.no_arguments);
        if request.era == Era::Modern
            && let Err(error) = entry.header_parameters.check(arguments, |name| host.header(name))
        {
            return Answer { tool: Some(tool.name), ..refuse(request, &error) };
        }
        let missing = request.missing_capabilities(tool.client_capabilities);
        if !missing.is_empty() {
            let error = RpcError::CapabilitiesMissing(missing);
            return Answer { tool: Some(tool.name), ..refuse(request, &error) };
        }
        let answer = match host.decide(&Question::UseTool { name: tool.name }) {
            Decision::Refuse(refusal) => {
                let failure = Failure::from(refusal);
                let outcome = CallOutcome::Refused(failure.code);
                self.fail(request, host, failure, outcome)
            }
            Decision::Allow => self.report(request, host, host.run(tool, arguments).await),
        };
        Answer { tool: Some(tool.name), ..answer }
    }

    fn report(
        &self,
        request: &Request<'_>,
        host: &impl Host,
        result: Result<ToolAnswer, ToolError>,
    ) -> Answer {
        match result {
            Ok(found) => {
                let body = result::write_answer(request.id(), self.marks(request.era), &found);
                finish(request, host, body, CallOutcome::Completed)
            }
            Err(ToolError::Actionable(error)) => {
                let failure = Failure::of(&error, |link| host.help(link));
                let outcome = CallOutcome::ToolFailed(failure.code);
                let answer = self.fail(request, host, failure, outcome);
                Answer { challenge: error.challenge, ..answer }
            }
            Err(ToolError::Internal(fault)) => internal(request, host, fault),
        }
    }

    fn fail(
        &self,
        request: &Request<'_>,
        host: &impl Host,
        failure: Failure<'_>,
        outcome: CallOutcome,
    ) -> Answer {
        let body =
            result::write_failure(request.id(), self.marks(request.era), failure, host.correlation_id());
        finish(request, host, body, outcome)
    }

    pub(super) fn marks(&self, era: Era) -> EraMarks<'_> {
        match era {
            Era::Modern => EraMarks::modern(&self.fixed.identity),
            Era::Legacy(_) => EraMarks::LEGACY,
        }
    }
}

fn answer_fixed(request: &Request<'_>, host: &impl Host, fixed: &RawValue) -> Answer {
    finish(request, host, result::write_fixed(request.id(), fixed), CallOutcome::Completed)
}

pub(super) fn refuse(request: &Request<'_>, error: &RpcError) -> Answer {
    Answer::error(Some(request.id()), Some(request.method()), error)
}

pub(super) fn finish(
    request: &Request<'_>,
    host: &impl Host,
    body: Result<WarmBuffer, serde_json::Error>,
    outcome: CallOutcome,
) -> Answer {
    match body {
        Ok(body) => Answer::result(request.method(), body, outcome),
        Err(_) => internal(request, host, InternalError::Serialisation),
    }
}

pub(super) fn internal(request: &Request<'_>, host: &impl Host, fault: InternalError) -> Answer {
    let error = RpcError::Internal { correlation_id: host.correlation_id() };
    Answer { fault: Some(fault), ..refuse(request, &error) }
}
