//! What Microsoft Search answers, whatever was searched.

use serde::Deserialize;

use super::text::Text;

/// Source: <https://learn.microsoft.com/graph/api/resources/searchresponse>.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "H: Deserialize<'de>"))]
pub struct SearchAnswer<H> {
    value: Vec<SearchResponse<H>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "H: Deserialize<'de>"))]
struct SearchResponse<H> {
    #[serde(default)]
    hits_containers: Option<Vec<HitsContainer<H>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "H: Deserialize<'de>"))]
struct HitsContainer<H> {
    #[serde(default)]
    total: Option<usize>,
    #[serde(default)]
    more_results_available: Option<bool>,
    #[serde(default)]
    hits: Option<Vec<H>>,
}

/// One page of hits.
#[derive(Debug, PartialEq, Eq)]
pub struct HitPage<H> {
    pub hits: Vec<H>,
    /// Of all pages, as the index counts them; of chat messages, of this page alone.
    pub total: Option<usize>,
    pub has_more: bool,
}

/// A hit on a thing of a known kind.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "R: Deserialize<'de>, 'de: 'a"))]
pub struct SearchHit<'a, R> {
    /// `<c0>` stands round what was looked for, `<ddd/>` where something is left out.
    #[serde(borrow, default)]
    pub summary: Option<Text<'a>>,
    pub resource: R,
}

impl<H> SearchAnswer<H> {
    /// The page: there is one to each question, and where nothing was found it may be missing.
    pub fn into_page(self) -> HitPage<H> {
        let containers =
            self.value.into_iter().flat_map(|response| response.hits_containers.unwrap_or_default());
        let nothing = HitPage { hits: Vec::new(), total: Some(0), has_more: false };
        containers.fold(nothing, |mut page, container| {
            page.hits.extend(container.hits.unwrap_or_default());
            page.total = page.total.zip(container.total).map(|(known, more)| known + more);
            page.has_more |= container.more_results_available == Some(true);
            page
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, finding nothing would be a failure, or what is found not be counted as the index counts it.
    #[rstest]
    #[case::hits(
        r#"{"value":[{"hitsContainers":[{"hits":["a","b"],"total":7,"moreResultsAvailable":true}]}]}"#,
        HitPage { hits: vec!["a", "b"], total: Some(7), has_more: true }
    )]
    #[case::uncounted(
        r#"{"value":[{"hitsContainers":[{"hits":["a"],"moreResultsAvailable":false}]}]}"#,
        HitPage { hits: vec!["a"], total: None, has_more: false }
    )]
    #[case::no_hits(
        r#"{"value":[{"hitsContainers":[{"total":0}]}]}"#,
        HitPage { hits: vec![], total: Some(0), has_more: false }
    )]
    #[case::no_container(r#"{"value":[{}]}"#, HitPage { hits: vec![], total: Some(0), has_more: false })]
    fn an_answer_is_one_page(#[case] json: &str, #[case] expected: HitPage<&str>) {
        let answer: SearchAnswer<&str> = serde_json::from_str(json).unwrap();
        assert_eq!(answer.into_page(), expected);
    }
}
