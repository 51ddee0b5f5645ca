//! The alerts, held against their tests, their runbook and the dashboards. Whether the tests are right is promtool's to say
//! (`make alerts`).

use std::collections::BTreeSet;
use std::fs;

use crate::dashboard::Panel;
use crate::{boards, root, specification};

const RULES: &str = include_str!("../../alerts/alerts.yaml");
const PROMETHEUS: &str = include_str!("../../collector/prometheus.yaml");

/// What a test of promtool expects of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Expected {
    Fires,
    StaysSilent,
}

/// What follows `mark` wherever it begins a line.
fn after<'t>(text: &'t str, mark: &str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| line.trim().strip_prefix(mark))
}

fn alerts() -> BTreeSet<&'static str> {
    after(RULES, "- alert: ").collect()
}

/// Every case of every test, by the name of its alert.
fn cases() -> BTreeSet<(String, Expected)> {
    let mut cases = BTreeSet::new();
    for file in fs::read_dir(root().join("observability/alerts/tests")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let Some(name) = line.strip_prefix("alertname: ") else { continue };
            let expected = match lines.next() {
                Some("exp_alerts: []") => Expected::StaysSilent,
                Some("exp_alerts:") => Expected::Fires,
                other => panic!("of {name} is expected {other:?}"),
            };
            cases.insert((name.to_owned(), expected));
        }
    }
    cases
}

/// An alert that was never seen to fire may never fire, and one that was never seen to stay silent may never be.
#[test]
fn every_alert_is_tested_to_fire_and_to_stay_silent() {
    let wanted: BTreeSet<_> = alerts()
        .into_iter()
        .flat_map(|name| [Expected::Fires, Expected::StaysSilent].map(|expected| (name.to_owned(), expected)))
        .collect();
    let cases = cases();
    assert_eq!(wanted.difference(&cases).collect::<Vec<_>>(), Vec::<&(String, Expected)>::new(), "lacking");
    assert_eq!(
        cases.difference(&wanted).collect::<Vec<_>>(),
        Vec::<&(String, Expected)>::new(),
        "of no alert"
    );
}

/// Somebody is called at night and has nothing to go by, or finds a section of an alert that is no more.
#[test]
fn every_alert_has_a_section_of_the_runbook() {
    let document = specification::document();
    let runbook = document.split_once("\n## Alerts\n").unwrap().1;
    let sections: Vec<_> =
        runbook.split("\n### ").skip(1).map(|text| text.split_once('\n').unwrap()).collect();
    assert_eq!(sections.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), alerts());
    for (name, advice) in sections {
        assert!(!advice.trim().is_empty(), "{name} has an empty section");
    }
}

/// A pager opens addresses, and knows of no repository. Where the document is, its operator tells Prometheus once.
#[test]
fn every_alert_links_to_its_section_below_the_operators_address() {
    let linked: Vec<_> = after(RULES, "runbook_url: ").map(ToOwned::to_owned).collect();
    let sections: Vec<_> = after(RULES, "- alert: ")
        .map(|name| format!("'{{{{ $externalLabels.runbooks }}}}#{}'", name.to_lowercase()))
        .collect();
    assert_eq!(linked, sections);

    let addresses: Vec<_> = after(PROMETHEUS, "runbooks: ").collect();
    let [address] = addresses[..] else { panic!("not one address of the runbooks: {addresses:?}") };
    assert!(
        address.starts_with("https://") && !address.contains('#') && !address.ends_with('/'),
        "{address}"
    );
}

/// A panel that lacks one window of a pair shows neither why an alert fires nor why it does not.
#[test]
fn the_burn_panel_has_every_window_of_the_alerts() {
    let recorded = "connector:bad_calls:ratio_rate";
    let windows: BTreeSet<_> = RULES
        .match_indices(recorded)
        .map(|(begin, _)| RULES[begin..].split(' ').next().unwrap().to_owned())
        .collect();
    let boards = boards::all();
    let panels = boards.iter().flat_map(|board| board.rows.iter().flatten());
    let burn = panels.filter(|panel| panel.title() == "Error budget burn");
    let shown: BTreeSet<_> =
        burn.flat_map(Panel::queries).map(|query| query.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(shown, windows);
}
