//! For whom, and with what, tools, resources and completions do their work.

use connector_actors::clock::Clock;
use connector_actors::identity::Principal;
use connector_observability::PolicyRecord;

use super::cursor::CursorSealer;
use super::error::{ADMINISTRATOR, About, ErrorCode, ToolError};
use super::progress::ProgressSink;
use crate::graph::UserGraph;
use crate::policy::{self, Decision, Question, TenantPolicy};

/// On whose behalf a call is carried out, and with what: the same for tools, resources and completions.
#[derive(Debug, Clone, Copy)]
pub struct UserContext<'a> {
    pub graph: &'a UserGraph<'a>,
    pub policy: &'a TenantPolicy,
    /// Where its decisions are put down.
    pub decisions: &'a PolicyRecord,
    pub principal: &'a Principal,
    pub clock: &'a dyn Clock,
    pub cursors: &'a CursorSealer,
    pub progress: &'a dyn ProgressSink,
}

impl UserContext<'_> {
    /// What the tenant's policy says to `question`; put down with the call.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        let decision = policy::decide(self.policy, question);
        self.decisions.decided(question.as_str(), decision.as_str());
        decision
    }

    /// Whether the tenant's policy lets its users read what `uri` names.
    pub(super) fn may_read(&self, uri: &str) -> Result<(), ToolError> {
        match self.decide(&Question::Read { uri }) {
            Decision::Allow => Ok(()),
            Decision::Refuse(refusal) => Err(ToolError::new(
                ErrorCode::BlockedByPolicy,
                About::NoArgument,
                "This service is switched off for the organisation.",
                refusal.to_string(),
                ADMINISTRATOR,
                "Ask the administrator to allow it. Trying again does not help until then.",
            )),
        }
    }
}
