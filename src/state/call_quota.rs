//! `calls_per_user_per_minute` of a tenant's file: a number, or that there is none.

use std::fmt;
use std::num::NonZeroU32;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

use crate::policy::CallQuota;

/// The word for no quota at all. It has to be said.
const UNLIMITED: &str = "unlimited";

pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CallQuota, D::Error> {
    deserializer.deserialize_any(QuotaVisitor)
}

struct QuotaVisitor;

impl Visitor<'_> for QuotaVisitor {
    type Value = CallQuota;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a number from 1 to {}, or {UNLIMITED:?}", u32::MAX)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<CallQuota, E> {
        let quota = u32::try_from(number).ok().and_then(NonZeroU32::new);
        quota.map(CallQuota::PerMinute).ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<CallQuota, E> {
        if word == UNLIMITED {
            return Ok(CallQuota::Unlimited);
        }
        Err(E::invalid_value(Unexpected::Str(word), &self))
    }
}
