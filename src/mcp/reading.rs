//! Resources, prompts and completions: the methods whose failures are errors of the protocol, for their results have
//! no `isError`.

use connector_observability::CallOutcome;

use super::caller::Host;
use super::dispatch::{McpServer, finish, internal, refuse};
use super::error::{self, INVALID_PARAMS, NOT_SERVED, RpcError};
use super::failure::Failure;
use super::outcome::Answer;
use super::params::{Target, Typing};
use super::request::Request;
use super::result;
use crate::tools::{CompletionQuery, CompletionTarget, ErrorCode, InternalError, PromptArguments, ToolError};

impl McpServer {
    pub(super) async fn read_resource(&self, request: &Request<'_>, uri: &str, host: &impl Host) -> Answer {
        let Some(resources) = self.catalogue.resources else {
            return refuse(request, &RpcError::MethodNotFound(request.era));
        };
        match host.read(resources.read, uri).await {
            Ok(contents) => {
                let body = result::write_contents(request.id(), self.marks(request.era), &contents);
                finish(request, host, body, CallOutcome::Completed)
            }
            Err(error) => fail(request, host, Asked::Resource(uri), error),
        }
    }

    pub(super) fn get_prompt(
        &self,
        request: &Request<'_>,
        name: &str,
        arguments: &PromptArguments,
        host: &impl Host,
    ) -> Answer {
        let Some(prompt) = self.catalogue.prompts.iter().find(|prompt| prompt.name == name) else {
            return refuse(request, &RpcError::UnknownPrompt);
        };
        let missing = prompt.arguments.iter().find(|one| one.required && !arguments.contains_key(one.name));
        if let Some(missing) = missing {
            return refuse(request, &RpcError::PromptArgumentMissing(missing.name));
        }
        match (prompt.render)(arguments) {
            Ok(messages) => {
                let marks = self.marks(request.era);
                let body = result::write_prompt(request.id(), marks, prompt.description, &messages);
                finish(request, host, body, CallOutcome::Completed)
            }
            Err(error) => fail(request, host, Asked::AnythingElse, error),
        }
    }

    pub(super) async fn complete(
        &self,
        request: &Request<'_>,
        typing: &Typing<'_>,
        host: &impl Host,
    ) -> Answer {
        let Some(complete) = self.catalogue.complete else {
            return refuse(request, &RpcError::MethodNotFound(request.era));
        };
        let of = match &typing.target {
            Target::Prompt(name) => CompletionTarget::Prompt(name),
            Target::Template(pattern) => CompletionTarget::Template(pattern),
        };
        let Typing { argument, value, resolved, .. } = typing;
        let query = CompletionQuery { of, argument, value, resolved };
        match host.complete(complete, query).await {
            Ok(completions) => {
                let body = result::write_completions(request.id(), self.marks(request.era), &completions);
                finish(request, host, body, CallOutcome::Completed)
            }
            Err(error) => fail(request, host, Asked::AnythingElse, error),
        }
    }
}

/// In bytes: a uri that is not there is sent back as far as this. Those that are there are shorter.
const LONGEST_ECHO: usize = 4096;

/// What a method was asked for.
#[derive(Debug, Clone, Copy)]
enum Asked<'a> {
    /// By its uri.
    Resource(&'a str),
    AnythingElse,
}

fn fail(request: &Request<'_>, host: &impl Host, asked: Asked<'_>, error: ToolError) -> Answer {
    let error = match error {
        ToolError::Actionable(error) => error,
        ToolError::Internal(fault) => return internal(request, host, fault),
    };
    let failure = Failure::of(&error, |link| host.help(link));
    let outcome = CallOutcome::ToolFailed(failure.code);
    let (code, absent) = match (error.code, asked) {
        // The uri is all that a resource is asked for with: one that can't be read names nothing.
        (ErrorCode::NotFound | ErrorCode::InvalidArguments, Asked::Resource(uri)) => {
            (error::no_such_resource(request.era), Some(uri).filter(|uri| uri.len() <= LONGEST_ECHO))
        }
        (ErrorCode::InvalidArguments | ErrorCode::InvalidCursor | ErrorCode::ExpiredCursor, _) => {
            (INVALID_PARAMS, None)
        }
        _ => (NOT_SERVED, None),
    };
    match error::encode_failure(request.id(), code, failure, absent, host.correlation_id()) {
        Ok(body) => {
            let answer = Answer::result(request.method(), body.into(), outcome);
            Answer { challenge: error.challenge, ..answer }
        }
        Err(_) => internal(request, host, InternalError::Serialisation),
    }
}
