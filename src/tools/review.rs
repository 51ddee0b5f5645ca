//! The one way from what Graph gave to what a tool shows: policy looks at every item before it is shaped.
//!
//! A list or an answer takes [`Reviewed`] things alone, and only a [`Review`] makes them. What policy withholds has
//! been taken out of the item before the tool's own code sees it.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use connector_observability::PolicyRecord;
use schemars::JsonSchema;
use serde::Serialize;

use super::error::{ADMINISTRATOR, About, ErrorCode, ToolError};
use super::line::clean_line;
use super::read_alone::ReadAlone;
use super::text::{Fence, Sanitized, Sanitizer};
use super::text_form::TextForm;
use super::user_context::UserContext;
use crate::graph::Text;
use crate::policy::{self, ContentDecision, ItemFacts, TenantPolicy};

/// Something of Graph's that policy can decide about.
pub(super) trait Reviewable {
    /// What policy needs to know of it.
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_>;

    /// Takes the content out (bodies, previews, summaries). What the item is, and where, stays.
    fn withhold(&mut self);
}

impl<T: Reviewable> Reviewable for Box<T> {
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        (**self).facts(policy)
    }

    fn withhold(&mut self) {
        (**self).withhold();
    }
}

/// What was reviewed and shaped. Nothing but a review makes one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Reviewed<T>(T);

impl<T> Reviewed<T> {
    /// A look at what is shown.
    pub(super) fn peek(&self) -> &T {
        &self.0
    }

    /// The same in another shape, which can only show less; `None` where it does not fit into that.
    pub(super) fn reshape<S>(self, shape: impl FnOnce(T) -> Option<S>) -> Option<Reviewed<S>> {
        shape(self.0).map(Reviewed)
    }
}

impl<T: ReadAlone> ReadAlone for Reviewed<T> {
    fn enclose(&mut self, fence: Fence) {
        self.0.enclose(fence);
    }
}

/// What a review has counted up to a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally(Sanitized);

/// An item that may be named, on its way to its shape.
#[derive(Debug)]
pub(super) struct Admitted<T> {
    item: T,
    withheld: Option<Withheld>,
}

impl<T> Admitted<T> {
    /// Whether the item may be named alone, so that its content need not even be fetched.
    pub(super) fn is_withheld(&self) -> bool {
        self.withheld.is_some()
    }

    /// A look at what was admitted, for what has to be asked before it is shaped.
    pub(super) fn peek(&self) -> &T {
        &self.item
    }

    /// Shapes the item. Where content was withheld, the item comes without it, and the shape says why.
    pub(super) fn shape<S>(self, shape: impl FnOnce(T, Option<Withheld>) -> S) -> Reviewed<S> {
        Reviewed(shape(self.item, self.withheld))
    }

    /// The same where shaping can fail.
    pub(super) fn try_shape<S>(
        self,
        shape: impl FnOnce(T, Option<Withheld>) -> Result<S, ToolError>,
    ) -> Result<Reviewed<S>, ToolError> {
        shape(self.item, self.withheld).map(Reviewed)
    }
}

/// Says that an item's content is not given, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Withheld {
    code: &'static str,
    reason: String,
}

impl Withheld {
    /// In bytes: what it takes in the room of a hit.
    pub(super) fn length(&self) -> usize {
        const MEMBERS: usize = r#","withheld":{"code":"","reason":""}"#.len();
        MEMBERS + self.code.len() + self.reason.len()
    }
}

/// The review of one answer: what policy says of its items, and what was taken out of its texts.
#[derive(Debug)]
pub(super) struct Review<'p> {
    policy: &'p TenantPolicy,
    /// Where they are put down; nowhere in tests without a call.
    decisions: Option<&'p PolicyRecord>,
    texts: Sanitizer,
    hidden: Cell<usize>,
    fence: OnceCell<Fence>,
}

impl<'p> Review<'p> {
    pub(super) fn of(user: &UserContext<'p>) -> Self {
        Self { decisions: Some(user.decisions), ..Self::by(user.policy) }
    }

    pub(super) fn by(policy: &'p TenantPolicy) -> Self {
        Self {
            policy,
            decisions: None,
            texts: Sanitizer::new(policy.content.links),
            hidden: Cell::new(0),
            fence: OnceCell::new(),
        }
    }

    /// The same, where marked-up texts are wanted in `form`.
    #[must_use]
    pub(super) fn writing(self, form: TextForm) -> Self {
        Self { texts: self.texts.writing(form), ..self }
    }

    pub(super) fn policy(&self) -> &'p TenantPolicy {
        self.policy
    }

    /// For the texts of the answer, all of them: names, subjects, previews, bodies.
    pub(super) fn texts(&self) -> &Sanitizer {
        &self.texts
    }

    /// Of a text that is one line and no markup: a subject, a place, the name of a person, a file, a chat or a folder.
    pub(super) fn clean_line<'a>(&self, line: Cow<'a, str>) -> Cow<'a, str> {
        clean_line(&self.texts, line)
    }

    /// The same of a line that Graph may leave out; an empty one says as little.
    pub(super) fn line<'a>(&self, line: Option<Text<'a>>) -> Option<Cow<'a, str>> {
        line.map(|line| self.clean_line(line.into_cow())).filter(|line| !line.is_empty())
    }

    /// Shorthand for [`Sanitizer::clean`].
    pub(super) fn clean<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        self.texts.clean(text)
    }

    /// The fence of the answer, with its own nonce. What is put between its marks comes from [`texts`](Self::texts).
    pub(super) fn fence(&self) -> Result<Fence, ToolError> {
        if let Some(fence) = self.fence.get() {
            return Ok(*fence);
        }
        let fence = Fence::new()?;
        Ok(*self.fence.get_or_init(|| fence))
    }

    /// An item of a list; `None` for one that must not be named. Those are counted.
    pub(super) fn admit<T: Reviewable>(&self, mut item: T) -> Option<Admitted<T>> {
        let withheld = match policy::review(&self.policy.content, &item.facts(self.policy)) {
            ContentDecision::Show => None,
            ContentDecision::Withhold(why) => Some(Withheld { code: why.code(), reason: why.to_string() }),
            ContentDecision::Hide => {
                self.hidden.set(self.hidden.get() + 1);
                if let Some(decisions) = self.decisions {
                    decisions.left_out();
                }
                return None;
            }
        };
        if withheld.is_some() {
            if let Some(decisions) = self.decisions {
                decisions.withheld();
            }
            item.withhold();
        }
        Some(Admitted { item, withheld })
    }

    /// An item that was asked for by its uri.
    pub(super) fn admit_one<T: Reviewable>(&self, item: T) -> Result<Admitted<T>, ToolError> {
        self.admit(item).ok_or_else(|| {
            ToolError::new(
                ErrorCode::BlockedByPolicy,
                About::Unnamed,
                "The organisation does not show this item here.",
                "it stands on a site that the administrator has not opened to this connector.",
                ADMINISTRATOR,
                "Have the user open the item itself, or ask the administrator to allow the site.",
            )
        })
    }

    /// What was taken out of the texts until now.
    pub(super) fn tally(&self) -> Tally {
        Tally(self.texts.counts().unwrap_or_default())
    }

    /// Forgets what was taken out of texts since then: they are not in the answer.
    pub(super) fn back_to(&self, tally: Tally) {
        self.texts.count_anew_from(tally.0);
    }

    /// What was taken out of the texts so far.
    pub(super) fn sanitized(&self) -> Option<Sanitized> {
        self.texts.counts()
    }

    /// Says how many items were left out, where some were.
    pub(super) fn note(&self) -> Option<Cow<'static, str>> {
        match self.hidden.get() {
            0 => None,
            hidden => Some(
                format!(
                    "{hidden} left out: the organisation's policy does not show items of their sites here."
                )
                .into(),
            ),
        }
    }
}

/// What an answer can be made of: reviewed, or nobody's content.
pub(super) trait Answerable: Serialize {}

impl<T: Serialize> Answerable for Reviewed<T> {}

/// What the connector says itself, or what the user's own token says of the user: there is nothing to review.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Own<T>(pub(super) T);

impl<T: Serialize> Answerable for Own<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{AllowedSite, ContentPolicy, Label, LabelCeiling, Place};

    struct File {
        label: Option<&'static str>,
        url: &'static str,
        text: Option<&'static str>,
    }

    impl Reviewable for File {
        fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
            let label = self.label.map_or(Label::None, |name| Label::Known { id: None, name: Some(name) });
            let place = Some(Place { url: Some(self.url), ..Place::default() });
            ItemFacts { label, place, mail_from: None }
        }

        fn withhold(&mut self) {
            self.text = None;
        }
    }

    fn policy() -> TenantPolicy {
        TenantPolicy {
            content: ContentPolicy {
                labels: LabelCeiling::new(vec!["General".to_owned()], "General"),
                sites: AllowedSite::parse("https://contoso.example/sites/a").map(|site| vec![site]),
                ..ContentPolicy::default()
            },
            ..TenantPolicy::contoso()
        }
    }

    fn file(label: &'static str, url: &'static str) -> File {
        File { label: Some(label), url, text: Some("content") }
    }

    /// If this failed, a tool would get to see, and could show, what policy withholds.
    #[test]
    fn content_that_is_withheld_is_gone_before_it_is_shaped() {
        let policy = policy();
        let review = Review::by(&policy);
        let shape = |item: File, withheld: Option<Withheld>| (item.text, withheld.map(|why| why.code));
        let shown = |item| review.admit(item).map(|item| item.shape(shape).0);
        assert_eq!(
            shown(file("General", "https://contoso.example/sites/a/x")),
            Some((Some("content"), None))
        );
        let secret = shown(file("Secret", "https://contoso.example/sites/a/x"));
        assert_eq!(secret, Some((None, Some("sensitivity_label"))));
        assert_eq!(review.note(), None);
    }

    /// If this failed, people would wonder where their files are, or see what they must not.
    #[test]
    fn what_is_hidden_is_counted() {
        let policy = policy();
        let review = Review::by(&policy);
        assert!(review.admit(file("General", "https://contoso.example/sites/b/x")).is_none());
        assert!(review.note().unwrap().starts_with("1 left out"));
        assert!(review.admit_one(file("General", "https://contoso.example/sites/b/x")).is_err());
    }
}
