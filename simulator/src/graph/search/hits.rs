//! From what was found to a page of hits.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

use serde_json::{Value, json};

use super::fields::fields;
use super::request::{Duplicates, Order, SearchRequest};
use super::summary::summary;
use crate::graph::findable::{Document, Found};
use crate::graph::kql::{Kql, Needle, Place, normalised};

/// Messages that stand before all others where top results are asked for.
const TOP_RESULTS: usize = 3;

/// What was found, and what was wanted.
pub(super) struct Findings<'a> {
    pub(super) wanted: &'a SearchRequest,
    pub(super) kql: &'a Kql,
    pub(super) found: Vec<Found<'a>>,
}

impl Findings<'_> {
    pub(super) fn answer(mut self, base_url: &str) -> Value {
        self.found.retain(|document| self.wanted.filters.iter().all(|filter| filter.admits(&**document)));
        self.sort();
        if self.wanted.duplicates == Duplicates::Trimmed {
            self.trim();
        }
        let needles = self.kql.needles();
        let (from, size) = (self.wanted.from, self.wanted.size);
        let page = self.found.iter().enumerate().skip(from).take(size);
        let hits: Vec<Value> = page.map(|(place, found)| self.hit(place, &**found, &needles)).collect();
        let counts_pages = self.wanted.entities[0].counts_pages();
        let total = if counts_pages { hits.len() } else { self.found.len() };
        let more = from.saturating_add(size) < self.found.len();
        let mut container = json!({ "total": total, "moreResultsAvailable": more });
        if !hits.is_empty() {
            container["hits"] = hits.into();
        }
        if !self.wanted.aggregations.is_empty() {
            let counted = self.wanted.aggregations.iter();
            let found = || self.found.iter().map(|found| &**found);
            container["aggregations"] = counted.map(|aggregation| aggregation.of(found())).collect();
        }
        let mut terms: Vec<&str> = needles.iter().flat_map(|needle| needle.words()).collect();
        terms.dedup();
        json!({
            "value": [{ "searchTerms": terms, "hitsContainers": [container] }],
            "@odata.context": format!("{base_url}/$metadata#Collection(microsoft.graph.searchResponse)"),
        })
    }

    /// By what was asked for; else mail and chats by time, and everything else by relevance.
    fn sort(&mut self) {
        let (wanted, needles) = (self.wanted, self.kql.needles());
        let moment = wanted.entities[0].moment();
        self.found.sort_by_key(|document| Reverse(document.moment(moment)));
        if !wanted.sort.is_empty() {
            self.found.sort_by(|left, right| {
                let keys = wanted.sort.iter();
                keys.fold(Ordering::Equal, |order, key| order.then_with(|| key.order(&**left, &**right)))
            });
        } else if !wanted.entities[0].counts_pages() {
            self.found.sort_by_cached_key(|document| Reverse(relevance(&**document, &needles)));
        } else if wanted.order == Order::TopResults {
            let mut places: Vec<usize> = (0..self.found.len()).collect();
            places.sort_by_cached_key(|place| Reverse(relevance(&*self.found[*place], &needles)));
            let top: HashSet<usize> = places.into_iter().take(TOP_RESULTS).collect();
            let mut place = 0;
            let (mut first, rest): (Vec<_>, Vec<_>) = self.found.drain(..).partition(|_| {
                place += 1;
                top.contains(&(place - 1))
            });
            first.sort_by_cached_key(|document| Reverse(relevance(&**document, &needles)));
            self.found = first.into_iter().chain(rest).collect();
        }
    }

    fn trim(&mut self) {
        let mut seen: HashSet<String> = HashSet::new();
        self.found.retain(|document| {
            document.fingerprint().is_none_or(|fingerprint| seen.insert(fingerprint.to_owned()))
        });
    }

    fn hit(&self, place: usize, document: &dyn Document, needles: &[&Needle]) -> Value {
        json!({
            "hitId": document.hit_id(),
            "rank": place + 1,
            "summary": summary(&document.text(), needles),
            "resource": document.resource(fields(document, &self.wanted.fields)),
        })
    }
}

/// A title counts most, then names and what else bare words look at, then the text.
fn relevance(document: &dyn Document, needles: &[&Needle]) -> usize {
    let subject = normalised(document.subject());
    let weight = |needle: &&Needle| {
        let texts = document.texts(Place::Anywhere);
        usize::from(needle.is_in(&subject)) * 10
            + usize::from(texts.iter().any(|text| needle.is_in(&normalised(text)))) * 3
            + usize::from(document.body_holds(needle))
    };
    needles.iter().map(weight).sum()
}
