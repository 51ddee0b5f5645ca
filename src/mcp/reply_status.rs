//! The statuses of the protocol.

/// The closed list of statuses that the protocol itself answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyStatus {
    /// 200
    Ok,
    /// 400
    BadRequest,
    /// 404
    NotFound,
}

impl ReplyStatus {
    pub const fn as_u16(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::BadRequest => 400,
            Self::NotFound => 404,
        }
    }
}
