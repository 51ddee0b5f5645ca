//! What a search for messages finds.

use crate::graph::{
    ChatHit, ChatSearchAnswer, EntityType, FoundChatMessage, GraphBody, GraphError, Question, SearchQuestion,
    SearchRequest, SearchText,
};
use crate::policy::{ItemFacts, TenantPolicy};
use crate::tools::review::Reviewable;

/// One page of hits.
pub(super) struct HitPage<'a> {
    pub(super) hits: Vec<ChatHit<'a>>,
    pub(super) has_more: bool,
}

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

pub(super) fn read_hits(body: &GraphBody) -> Result<HitPage<'_>, GraphError> {
    let answer: ChatSearchAnswer<'_> = body.parse()?;
    let containers =
        answer.value.into_iter().flat_map(|response| response.hits_containers.unwrap_or_default());
    let mut page = HitPage { hits: Vec::new(), has_more: false };
    for container in containers {
        page.hits.extend(container.hits.unwrap_or_default());
        page.has_more |= container.more_results_available == Some(true);
    }
    Ok(page)
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
