//! The pages of a list behind its first one, as Graph names them.

use super::body::GraphBody;
use super::error::GraphError;
use super::request::GraphRequest;
use super::user::UserGraph;

impl UserGraph<'_> {
    /// Reads the next page of `first`, as Graph named it. A link that leads elsewhere is refused.
    pub async fn follow(&self, first: &GraphRequest, link: &str) -> Result<GraphBody, GraphError> {
        self.get(&first.next_link(self.base(), link)?).await
    }

    /// Whether [`follow`](Self::follow) would take `link`.
    pub fn leads_on(&self, first: &GraphRequest, link: &str) -> bool {
        let base = self.base();
        base.plainly_covers(link) || first.next_link(base, link).is_ok()
    }

    /// Whether `link` names the page that `first` asks for.
    pub fn leads_back(&self, first: &GraphRequest, link: &str) -> bool {
        first.is_named_by(self.base(), link)
    }
}
