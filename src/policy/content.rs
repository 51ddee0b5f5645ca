//! What of an item may be shown: pure, like every decision of policy.

use thiserror::Error;
use url::Url;

/// What a tenant's administrator has decided about content. The default shows everything that the user may read, with
/// links that nothing follows by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContentPolicy {
    pub labels: Option<LabelCeiling>,
    /// Sites whose content may be shown; `None` for all.
    pub sites: Option<Vec<AllowedSite>>,
    pub external_mail: ExternalMail,
    pub links: LinkTreatment,
}

/// The tenant's sensitivity labels from the lowest to the highest that content is shown of, each by its name or id.
/// What bears any other label is withheld: a new label is no reason to show more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCeiling {
    shown: Vec<String>,
}

impl LabelCeiling {
    /// `ordered` from the lowest to the highest. `None` where `ceiling` is not among them.
    pub fn new(ordered: Vec<String>, ceiling: &str) -> Option<Self> {
        let at = ordered.iter().position(|label| label.eq_ignore_ascii_case(ceiling))?;
        let mut shown = ordered;
        shown.truncate(at + 1);
        Some(Self { shown })
    }

    /// Why content with this label is not given; `None` where it is.
    fn refuses(&self, label: Label<'_>) -> Option<Withheld> {
        let names = |text: Option<&str>| {
            text.is_some_and(|text| self.shown.iter().any(|shown| shown.eq_ignore_ascii_case(text)))
        };
        match label {
            Label::None => None,
            Label::Known { id, name } => (!names(id) && !names(name)).then_some(Withheld::Label),
            Label::Unknown => Some(Withheld::UnknownLabel),
        }
    }
}

/// A site that may be shown from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedSite {
    /// The user's own OneDrive.
    OwnDrive,
    /// The site at this address, with all below it.
    At(Url),
    /// The site of this id, as Graph writes it.
    Id(String),
}

impl AllowedSite {
    /// `onedrive`, an https address, or a site's id (`host,guid,guid`). `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "onedrive" {
            return Some(Self::OwnDrive);
        }
        if text.split(',').count() == 3 && !text.contains('/') {
            return Some(Self::Id(text.to_owned()));
        }
        let url = Url::parse(text).ok()?;
        let is_plain = url.scheme() == "https" && url.query().is_none() && url.fragment().is_none();
        is_plain.then_some(Self::At(url))
    }

    fn holds(&self, place: &Place<'_>) -> bool {
        match self {
            Self::OwnDrive => place.is_own_drive,
            Self::Id(id) => place.site_id.is_some_and(|given| given.eq_ignore_ascii_case(id)),
            Self::At(site) => {
                place.url.and_then(|url| Url::parse(url).ok()).is_some_and(|url| is_below(&url, site))
            }
        }
    }
}

/// Case says nothing in addresses of SharePoint.
fn is_below(url: &Url, site: &Url) -> bool {
    let segments = |url: &Url| -> Vec<String> {
        url.path_segments()
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    url.scheme() == site.scheme()
        && url.host() == site.host()
        && url.port_or_known_default() == site.port_or_known_default()
        && segments(url).starts_with(&segments(site))
}

/// What is shown of mail from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExternalMail {
    #[default]
    Show,
    /// That it is there, and no text of it.
    Withhold,
}

/// What becomes of addresses in content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkTreatment {
    /// Readable, and nothing that a program follows (`hxxps://contoso[.]example`).
    #[default]
    Defang,
    Keep,
    Strip,
}

/// Who wrote an item, seen from the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Internal,
    External,
    Unknown,
}

/// What a decision about an item needs to know. What is not known of it is left out, and decided for safety.
#[derive(Debug, Clone, Copy, Default)]
pub struct ItemFacts<'a> {
    pub label: Label<'a>,
    /// Of files, pages, lists and sites.
    pub place: Option<Place<'a>>,
    /// Of mail alone.
    pub mail_from: Option<Author>,
}

/// What is known of an item's sensitivity label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label<'a> {
    /// It has none, or can't have one.
    #[default]
    None,
    Known {
        id: Option<&'a str>,
        name: Option<&'a str>,
    },
    /// It may have one, and nobody could say. That is above every ceiling.
    Unknown,
}

/// Where something of SharePoint or OneDrive stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    pub site_id: Option<&'a str>,
    /// Of the item itself or of its site.
    pub url: Option<&'a str>,
    pub is_own_drive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentDecision {
    Show,
    /// The item is named, its content is not given.
    Withhold(Withheld),
    /// The item is not named either.
    Hide,
}

/// Why content is not given. The texts are for model and person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Withheld {
    #[error("the organisation shows no content with this sensitivity label here")]
    Label,
    #[error(
        "the organisation shows content by its sensitivity label here, and whether this item has one could not be learned"
    )]
    UnknownLabel,
    #[error("the organisation shows no text of mail from outside here")]
    ExternalMail,
}

impl Withheld {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Label | Self::UnknownLabel => "sensitivity_label",
            Self::ExternalMail => "external_mail",
        }
    }
}

/// What of an item `policy` lets be shown.
pub fn review(policy: &ContentPolicy, item: &ItemFacts<'_>) -> ContentDecision {
    if let (Some(sites), Some(place)) = (&policy.sites, &item.place)
        && !sites.iter().any(|site| site.holds(place))
    {
        return ContentDecision::Hide;
    }
    if let Some(why) = policy.labels.as_ref().and_then(|ceiling| ceiling.refuses(item.label)) {
        return ContentDecision::Withhold(why);
    }
    match (policy.external_mail, item.mail_from) {
        // Who can't be told from a stranger is taken for one.
        (ExternalMail::Withhold, Some(Author::External | Author::Unknown)) => {
            ContentDecision::Withhold(Withheld::ExternalMail)
        }
        _ => ContentDecision::Show,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn labelled(ceiling: &str) -> ContentPolicy {
        let ordered = ["Public", "General", "Confidential"].map(str::to_owned).to_vec();
        ContentPolicy { labels: LabelCeiling::new(ordered, ceiling), ..ContentPolicy::default() }
    }

    /// If this failed, content above the ceiling would be shown, or content below it withheld.
    #[rstest]
    #[case::below("Public", ContentDecision::Show)]
    #[case::at_it("general", ContentDecision::Show)]
    #[case::above("Confidential", ContentDecision::Withhold(Withheld::Label))]
    #[case::new_label("Top secret", ContentDecision::Withhold(Withheld::Label))]
    fn a_label_above_the_ceiling_withholds_content(#[case] name: &str, #[case] expected: ContentDecision) {
        let label = Label::Known { id: None, name: Some(name) };
        assert_eq!(review(&labelled("General"), &ItemFacts { label, ..ItemFacts::default() }), expected);
    }

    /// If this failed, a label that is known by its id alone would pass for a stranger.
    #[test]
    fn a_label_is_known_by_its_id_too() {
        let ceiling = LabelCeiling::new(vec!["1f-2".to_owned()], "1F-2");
        let policy = ContentPolicy { labels: ceiling, ..ContentPolicy::default() };
        let label = Label::Known { id: Some("1F-2"), name: Some("Whatever") };
        assert_eq!(review(&policy, &ItemFacts { label, ..ItemFacts::default() }), ContentDecision::Show);
    }

    /// If this failed, content whose label nobody could learn would be shown in spite of a ceiling, or withheld without one.
    #[test]
    fn a_label_that_nobody_knows_is_above_every_ceiling() {
        let item = ItemFacts { label: Label::Unknown, ..ItemFacts::default() };
        let expected = ContentDecision::Withhold(Withheld::UnknownLabel);
        assert_eq!(review(&labelled("Confidential"), &item), expected);
        assert_eq!(review(&ContentPolicy::default(), &item), ContentDecision::Show);
        assert_eq!(review(&labelled("Public"), &ItemFacts::default()), ContentDecision::Show);
    }

    /// If this failed, sites that the administrator did not allow would be read, or allowed ones hidden.
    #[rstest]
    #[case::the_site("https://contoso.sharepoint.com/sites/sales", ContentDecision::Show)]
    #[case::below(
        "https://contoso.sharepoint.com/sites/Sales/Shared%20Documents/a.docx",
        ContentDecision::Show
    )]
    #[case::longer_name("https://contoso.sharepoint.com/sites/sales-secret/a", ContentDecision::Hide)]
    #[case::other_host("https://evil.example/sites/sales/a", ContentDecision::Hide)]
    #[case::climbing("https://contoso.sharepoint.com/sites/sales/../hr/a", ContentDecision::Hide)]
    #[case::no_address("sites/sales", ContentDecision::Hide)]
    fn only_allowed_sites_are_shown(#[case] url: &str, #[case] expected: ContentDecision) {
        let site = AllowedSite::parse("https://contoso.sharepoint.com/sites/sales").unwrap();
        let policy = ContentPolicy { sites: Some(vec![site]), ..ContentPolicy::default() };
        let place = Some(Place { url: Some(url), ..Place::default() });
        assert_eq!(review(&policy, &ItemFacts { place, ..ItemFacts::default() }), expected);
    }

    /// If this failed, a file whose site nobody knows would slip through the list of sites.
    #[rstest]
    #[case::unknown(Place::default(), ContentDecision::Hide)]
    #[case::own(Place { is_own_drive: true, ..Place::default() }, ContentDecision::Show)]
    #[case::by_id(Place { site_id: Some("contoso.sharepoint.com,1,2"), ..Place::default() }, ContentDecision::Show)]
    fn what_is_not_known_is_not_allowed(#[case] place: Place<'_>, #[case] expected: ContentDecision) {
        let sites = ["onedrive", "contoso.sharepoint.com,1,2"].map(|site| AllowedSite::parse(site).unwrap());
        let policy = ContentPolicy { sites: Some(sites.to_vec()), ..ContentPolicy::default() };
        assert_eq!(review(&policy, &ItemFacts { place: Some(place), ..ItemFacts::default() }), expected);
    }

    /// If this failed, mail from outside would be read where the administrator said no.
    #[rstest]
    #[case::internal(Some(Author::Internal), ContentDecision::Show)]
    #[case::external(Some(Author::External), ContentDecision::Withhold(Withheld::ExternalMail))]
    #[case::unknown(Some(Author::Unknown), ContentDecision::Withhold(Withheld::ExternalMail))]
    #[case::no_mail(None, ContentDecision::Show)]
    fn external_mail_is_withheld_where_policy_says_so(
        #[case] mail_from: Option<Author>,
        #[case] expected: ContentDecision,
    ) {
        let policy = ContentPolicy { external_mail: ExternalMail::Withhold, ..ContentPolicy::default() };
        assert_eq!(review(&policy, &ItemFacts { mail_from, ..ItemFacts::default() }), expected);
    }
}
