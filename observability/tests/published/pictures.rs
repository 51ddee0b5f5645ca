//! The pictures of the dashboards, held against what they were drawn from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use aws_lc_rs::digest::{SHA256, digest};

use crate::{is_writing, root};

/// Written by whatever draws the pictures, and by it alone.
const DRAWN_FROM: &str = "docs/dashboards/drawn-from.sha256";

/// Of each file of a list as `sha256sum` writes it, the digest.
fn listed(list: &str) -> BTreeMap<String, String> {
    let pairs = list.lines().map(|line| line.split_once("  ").unwrap());
    pairs.map(|(digest, file)| (file.to_owned(), digest.to_owned())).collect()
}

/// The digest of each dashboard that is published.
fn published() -> BTreeMap<String, String> {
    let folder = "observability/dashboards";
    let files = fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap);
    files
        .map(|file| {
            let digest = digest(&SHA256, &fs::read(file.path()).unwrap());
            let hexadecimal = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").unwrap();
                text
            });
            (format!("{folder}/{}", file.file_name().into_string().unwrap()), hexadecimal)
        })
        .collect()
}

/// Whoever compares their Grafana with the documents would look for panels that are no more.
#[test]
fn every_picture_is_of_the_dashboard_as_it_is() {
    if is_writing() {
        return;
    }
    let drawn = listed(&fs::read_to_string(root().join(DRAWN_FROM)).unwrap());
    let published = published();
    let stale: Vec<_> = published
        .iter()
        .filter(|(file, digest)| drawn.get(*file) != Some(digest))
        .map(|(file, _)| file)
        .collect();
    assert!(
        stale.is_empty(),
        "the pictures of {stale:?} are stale: run `make dashboards-pictures` and look at them"
    );
    assert!(drawn.keys().eq(published.keys()), "{DRAWN_FROM} lists a dashboard that is no more");
    for file in published.keys() {
        let picture = file.replace("observability/", "docs/").replace(".json", ".png");
        assert!(root().join(&picture).exists(), "{picture} is missing");
    }
}
