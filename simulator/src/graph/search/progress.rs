//! How far searches have come: those of mail and events begin at their first page, and go on from there.

use super::refusal::SearchRefusal;
use super::request::SearchRequest;
use crate::cache::Cache;
use crate::graph::request::Caller;

/// Searches that are remembered in each of the cache's two generations.
const REMEMBERED: usize = 10_000;

/// Of each search, by who asks for what, the place behind the last hit that a page of it reached to.
#[derive(Debug)]
pub(in crate::graph) struct Progress(Cache<Box<str>, usize>);

impl Progress {
    pub(in crate::graph) fn new() -> Self {
        Self(Cache::bounded(REMEMBERED))
    }

    /// Lets a search go on where it has come to, or anywhere before that, and notes the page that it is given.
    pub(super) fn go_on(&self, caller: &Caller, wanted: &SearchRequest) -> Result<(), SearchRefusal> {
        let entity = wanted.entities[0];
        if !entity.begins_at_zero() {
            return Ok(());
        }
        let key = format!("{}{}{}\n{}", caller.tenant, caller.user, entity.name(), wanted.query);
        let reached = self.0.get(key.as_str()).unwrap_or(0);
        if wanted.from > reached {
            return Err(SearchRefusal::FirstPageMissing { from: wanted.from, entity: entity.name() });
        }
        let end = wanted.from.saturating_add(wanted.size);
        self.0.insert(key.into_boxed_str(), reached.max(end), 1);
        Ok(())
    }
}
