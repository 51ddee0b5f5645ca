//! `[content]` of a tenant's file: what of the items may be shown.

use serde::Deserialize;

use crate::policy::{AllowedSite, ContentPolicy, ExternalMail, LabelCeiling, LinkTreatment};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ContentTable {
    /// The tenant's sensitivity labels from the lowest to the highest, by name or id.
    labels: Vec<String>,
    /// The highest of them whose content is shown.
    label_ceiling: Option<String>,
    /// Sites that may be shown from; without it, all.
    sites: Option<Vec<String>>,
    external_mail: ExternalMailEntry,
    links: LinksEntry,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExternalMailEntry {
    #[default]
    Show,
    Withhold,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LinksEntry {
    #[default]
    Defang,
    Keep,
    Strip,
}

impl ContentTable {
    pub(super) fn into_policy(self) -> Result<ContentPolicy, String> {
        let labels = match (self.labels, self.label_ceiling) {
            (labels, None) if labels.is_empty() => None,
            (_, None) => return Err("content.labels needs content.label_ceiling beside it".to_owned()),
            (labels, Some(ceiling)) => Some(LabelCeiling::new(labels, &ceiling).ok_or_else(|| {
                format!("content.label_ceiling is {ceiling:?}, which is not in content.labels")
            })?),
        };
        Ok(ContentPolicy {
            labels,
            sites: self.sites.map(|sites| sites.iter().map(|site| allowed(site)).collect()).transpose()?,
            external_mail: match self.external_mail {
                ExternalMailEntry::Show => ExternalMail::Show,
                ExternalMailEntry::Withhold => ExternalMail::Withhold,
            },
            links: match self.links {
                LinksEntry::Defang => LinkTreatment::Defang,
                LinksEntry::Keep => LinkTreatment::Keep,
                LinksEntry::Strip => LinkTreatment::Strip,
            },
        })
    }
}

fn allowed(site: &str) -> Result<AllowedSite, String> {
    AllowedSite::parse(site).ok_or_else(|| {
        format!(
            "content.sites holds {site:?}: it must be onedrive, the https address of a site, or a site's id (host,id,id)"
        )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Result<ContentPolicy, String> {
        toml::from_str::<ContentTable>(text).map_err(|error| error.to_string())?.into_policy()
    }

    /// If this failed, an administrator's rules for content would not mean what they say.
    #[test]
    fn rules_for_content_are_read() {
        let policy = read(
            "labels = ['Public', 'General', 'Secret']\nlabel_ceiling = 'General'\nsites = ['onedrive', \
             'https://contoso.sharepoint.com/sites/sales']\nexternal_mail = 'withhold'\nlinks = 'strip'",
        )
        .unwrap();
        assert_eq!(
            policy.labels,
            LabelCeiling::new(vec!["Public".to_owned(), "General".to_owned()], "General")
        );
        assert_eq!(policy.sites.unwrap().len(), 2);
        assert_eq!((policy.external_mail, policy.links), (ExternalMail::Withhold, LinkTreatment::Strip));
        assert_eq!(read("").unwrap(), ContentPolicy::default());
    }

    /// If this failed, a mistake in these rules would open what they were to close.
    #[rstest]
    #[case::no_ceiling("labels = ['Public']", "content.labels needs content.label_ceiling")]
    #[case::unknown_ceiling("labels = ['Public']\nlabel_ceiling = 'Secret'", "not in content.labels")]
    #[case::ceiling_alone("label_ceiling = 'Secret'", "not in content.labels")]
    #[case::no_site("sites = ['sales']", "content.sites holds \"sales\"")]
    #[case::plain_http("sites = ['http://contoso.sharepoint.com/sites/sales']", "content.sites holds")]
    #[case::links("links = 'open'", "unknown variant `open`, expected one of `defang`, `keep`, `strip`")]
    #[case::unknown_key("label = 'x'", "unknown field `label`")]
    fn a_mistake_is_named(#[case] text: &str, #[case] expected: &str) {
        let message = read(text).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}
