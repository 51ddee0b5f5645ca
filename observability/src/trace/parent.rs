//! W3C Trace Context's `traceparent` (<https://www.w3.org/TR/trace-context/#traceparent-header>).

use std::str::FromStr;

use thiserror::Error;

use super::id::{SpanContext, SpanId, TraceId};

/// Where a caller says that its call comes from. Callers are not trusted with our traces unless an operator says so: this
/// is linked, and its sampling flag decides nothing. Of those who are trusted it is the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    pub(crate) span: SpanContext,
    pub(crate) sampled: bool,
}

/// Why a text is no `traceparent`.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum TraceParentError {
    #[error("traceparent must read 00-<32 hex>-<16 hex>-<2 hex>")]
    Shape,
    #[error("traceparent of a version other than 00")]
    Version,
    #[error("traceparent with a digit that is not lower-case hexadecimal")]
    Digit,
    #[error("traceparent with an id of zeros")]
    ZeroId,
}

impl TraceParent {
    /// Takes version `00` in exactly 55 characters, in lower case, with ids that are not zero.
    pub fn parse(text: &str) -> Result<Self, TraceParentError> {
        let bytes: &[u8; 55] = text.as_bytes().try_into().map_err(|_| TraceParentError::Shape)?;
        if [bytes[2], bytes[35], bytes[52]] != [b'-'; 3] {
            return Err(TraceParentError::Shape);
        }
        if &bytes[..2] != b"00" {
            return Err(TraceParentError::Version);
        }
        let trace_id = TraceId::from_u128(hex(&bytes[3..35])?).ok_or(TraceParentError::ZeroId)?;
        let span_id = u64::try_from(hex(&bytes[36..52])?).map_err(|_| TraceParentError::Shape)?;
        let span_id = SpanId::from_u64(span_id).ok_or(TraceParentError::ZeroId)?;
        let sampled = hex(&bytes[53..])? & 1 == 1;
        Ok(Self { span: SpanContext { trace_id, span_id }, sampled })
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        Self::parse(text)
    }
}

/// The number that up to 32 lower-case hexadecimal digits stand for.
fn hex(digits: &[u8]) -> Result<u128, TraceParentError> {
    digits.iter().try_fold(0_u128, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return Err(TraceParentError::Digit),
        };
        Ok(number << 4 | u128::from(value))
    })
}
