//! Under which names tenants are measured.

use std::collections::HashSet;

use rstest::rstest;
use uuid::{Uuid, uuid};

use crate::metric::tenants::{NAMES_OF_A_PROCESS, TenantAliases};
use crate::metric::{NAMED_TENANTS, TenantAlias};

const ONE: Uuid = uuid!("7c1ff8b7-3d8e-4c4a-9b53-f2f1f6a3e001");
const ALIKE: Uuid = uuid!("7c1ff8b7-3d8e-9c4a-9b53-f2f1f6a3e001");
const VERY_ALIKE: Uuid = uuid!("7c1ff8b7-3d8e-4c4a-9b53-f2f1f6a3e002");

fn unnamed(tenants: &[Uuid]) -> Vec<(Uuid, Option<TenantAlias>)> {
    tenants.iter().map(|tenant| (*tenant, None)).collect()
}

fn at_a_start(tenants: &[Uuid]) -> TenantAliases {
    TenantAliases::default().following(unnamed(tenants))
}

fn alias(text: &str) -> TenantAlias {
    TenantAlias::parse(text).unwrap()
}

fn names(aliases: &TenantAliases, tenants: &[Uuid]) -> Vec<String> {
    tenants.iter().map(|tenant| aliases.of(tenant).to_string()).collect()
}

/// Calls of two customers would be added up under one name, and each be told the other's figures.
#[rstest]
#[case::alone(&[ONE], &["t-7c1ff8b7"])]
#[case::twelve_digits_alike(&[ONE, ALIKE], &["t-7c1ff8b73d8e4", "t-7c1ff8b73d8e9"])]
#[case::all_but_the_last(
    &[ONE, VERY_ALIKE],
    &["t-7c1ff8b73d8e4c4a9b53f2f1f6a3e001", "t-7c1ff8b73d8e4c4a9b53f2f1f6a3e002"]
)]
#[case::three(
    &[ONE, ALIKE, VERY_ALIKE],
    &["t-7c1ff8b73d8e4c4a9b53f2f1f6a3e001", "t-7c1ff8b73d8e9", "t-7c1ff8b73d8e4c4a9b53f2f1f6a3e002"]
)]
fn tenants_whose_ids_begin_alike_are_named_by_more_digits(
    #[case] tenants: &[Uuid],
    #[case] expected: &[&str],
) {
    assert_eq!(names(&at_a_start(tenants), tenants), expected);
    let backwards: Vec<Uuid> = tenants.iter().rev().copied().collect();
    assert_eq!(names(&at_a_start(&backwards), tenants), expected, "in whatever order they are read");
}

/// A tenant that comes would take over the series of another, or rename it in the middle of a day.
#[test]
fn who_has_a_name_keeps_it_while_the_process_runs() {
    let before = at_a_start(&[ONE]);
    let after = before.following(unnamed(&[ONE, ALIKE]));
    assert_eq!(names(&after, &[ONE, ALIKE]), ["t-7c1ff8b7", "t-7c1ff8b73d8e9"]);

    let named = after.following([(ONE, Some(alias("north"))), (ALIKE, None)]);
    assert_eq!(names(&named, &[ONE]), ["north"]);
    let passed_on = named.following([(ONE, None), (ALIKE, Some(alias("north")))]);
    assert_eq!(names(&passed_on, &[ALIKE]), ["t-7c1ff8b73d8e9"], "the series of north are another's");
}

/// Tenants that come and go would each leave their series behind, for as long as the process runs.
#[test]
fn a_process_gives_out_so_many_names_and_no_more() {
    let fleet: Vec<Uuid> = (1..=5_000_u128).map(|id| Uuid::from_u128(id << 96)).collect();
    let mut aliases = TenantAliases::default();
    let mut given = HashSet::new();
    for some in fleet.chunks(50) {
        aliases = aliases.following(unnamed(some));
        given.extend(names(&aliases, some));
    }
    given.remove("other");
    assert_eq!(given.len(), NAMES_OF_A_PROCESS);

    let all = at_a_start(&fleet);
    let named: HashSet<String> = names(&all, &fleet).into_iter().filter(|name| name != "other").collect();
    assert_eq!(named.len(), NAMED_TENANTS);
}
