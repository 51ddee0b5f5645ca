//! What the commands of the control socket do.

use actix_web::web::Data;
use connector_actors::revocation::Subject;

use crate::control::{Commands, ControlAnswer, ControlRequest, ListedRevocation, NamedSubject};
use crate::http::Front;

/// Revocations that are listed at most: the answer has to fit a line.
const LISTED: usize = 1_000;

/// Carries commands out on the running connector.
pub(super) struct FrontCommands(pub(super) Data<Front>);

impl Commands for FrontCommands {
    fn carry_out(&self, request: ControlRequest) -> ControlAnswer {
        match request {
            ControlRequest::Revoke { subject } => self.revoke(subject).unwrap_or_else(failed),
            ControlRequest::ListRevocations => {
                let (revocations, total) = self.0.revocations.list(LISTED);
                let revocations = revocations.iter().map(ListedRevocation::from).collect();
                ControlAnswer::Revocations { revocations, total }
            }
        }
    }
}

impl FrontCommands {
    fn revoke(&self, subject: NamedSubject) -> Result<ControlAnswer, String> {
        let subject: Subject = subject.try_into().map_err(|error| format!("token_id: {error}"))?;
        let revocation = self.0.revoke(&subject).map_err(|error| error.to_string())?;
        Ok(ControlAnswer::Revoked((&revocation).into()))
    }
}

fn failed(reason: String) -> ControlAnswer {
    ControlAnswer::Failed { reason }
}
