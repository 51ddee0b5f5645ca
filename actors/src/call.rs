//! What a call carries through every layer.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::assertion::PresentedToken;
use crate::identity::Principal;

/// One call of one verified user. Cheap to clone: the token is borrowed from the request.
#[derive(Debug, Clone)]
pub struct Call<'t> {
    pub principal: Principal,
    /// The access token that the call came with.
    pub token: PresentedToken<'t>,
    /// When the caller stops waiting. Every wait of the call ends here.
    pub deadline: Instant,
    /// Names the call in logs, in Entra's sign-in log and in Graph's activity log.
    pub correlation_id: Uuid,
    /// Fires when nobody waits for the answer any more, or when nobody may have it.
    pub cancel: CancellationToken,
}
