//! What a search for messages finds.

use crate::graph::{
    ChatHit, EntityType, FoundChatMessage, GraphBody, GraphError, HitPage, Question, SearchAnswer,
    SearchQuestion, SearchRequest, SearchText,
};
use crate::policy::{ItemFacts, TenantPolicy};
use crate::tools::review::Reviewable;

/// `query_string` is KQL.
pub(super) fn question(query_string: String, from: u32, size: u32) -> Question {
    Question::Search(SearchQuestion::new(SearchRequest {
        entity_types: vec![EntityType::ChatMessage],
        query: SearchText { query_string },
        from,
        size,
        fields: Vec::new(),
        sort_properties: Vec::new(),
        enable_top_results: false,
    }))
}

pub(super) fn read_hits(body: &GraphBody) -> Result<HitPage<ChatHit<'_>>, GraphError> {
    Ok(body.parse::<SearchAnswer<ChatHit<'_>>>()?.into_page())
}

impl Reviewable for FoundChatMessage<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {
        self.subject = None;
    }
}

impl Reviewable for ChatHit<'_> {
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        self.resource.facts(policy)
    }

    fn withhold(&mut self) {
        self.summary = None;
        self.resource.withhold();
    }
}
