//! Few rows in which every value of every column meets every value of every other one.

use proptest::prelude::*;

/// Up to so many rows all combinations are played.
const MOST_OF_A_PRODUCT: usize = 24;

/// For each column how many values it has; in each row of the answer, one value of each column by its place.
pub(super) fn rows(columns: &[usize]) -> Vec<Vec<usize>> {
    let product = columns.iter().try_fold(1_usize, |all, values| all.checked_mul(*values));
    match product {
        Some(all) if all <= MOST_OF_A_PRODUCT => (0..all).map(|number| nth(columns, number)).collect(),
        _ => pairwise(columns),
    }
}

/// The row of this number, where rows are counted like the digits of a clock.
fn nth(columns: &[usize], mut number: usize) -> Vec<usize> {
    let digit = |values: &usize| {
        let digit = number % values;
        number /= values;
        digit
    };
    columns.iter().map(digit).collect()
}

/// Rows in which no more than two columns have another value than their first one; over all rows, every value comes.
pub(super) fn alone(columns: &[usize]) -> Vec<Vec<usize>> {
    let first: Vec<usize> = columns.iter().map(|_| 0).collect();
    let mut turn = 0;
    let mut rows = vec![first.clone()];
    for (one, values) in columns.iter().enumerate() {
        for (other, others) in columns.iter().enumerate().skip(one + 1) {
            let mut row = first.clone();
            // The first value leaves an argument out, or is as good as any.
            row[one] = turn % values;
            row[other] = 1.min(others - 1) + turn % others.saturating_sub(1).max(1);
            turn += 1;
            rows.push(row);
        }
    }
    rows
}

/// A value of one column together with a value of a later one.
type Pair = ((usize, usize), (usize, usize));

/// Each row begins with a pair that has not met, and takes in every other column the value that brings most new pairs.
fn pairwise(columns: &[usize]) -> Vec<Vec<usize>> {
    let mut unmet = pairs(columns);
    let mut rows = Vec::new();
    while let Some(&(first, second)) = unmet.first() {
        let mut row: Vec<Option<usize>> = vec![None; columns.len()];
        row[first.0] = Some(first.1);
        row[second.0] = Some(second.1);
        for (column, values) in columns.iter().enumerate() {
            if row[column].is_none() {
                let gain =
                    |value: &usize| unmet.iter().filter(|pair| joins(&row, (column, *value), **pair)).count();
                row[column] = (0..*values).rev().max_by_key(gain);
            }
        }
        let row: Vec<usize> = row.into_iter().map(Option::unwrap_or_default).collect();
        unmet.retain(|(one, other)| row[one.0] != one.1 || row[other.0] != other.1);
        rows.push(row);
    }
    rows
}

fn pairs(columns: &[usize]) -> Vec<Pair> {
    let cells: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .flat_map(|(column, values)| (0..*values).map(move |value| (column, value)))
        .collect();
    let later = |one: &(usize, usize)| {
        let one = *one;
        cells.iter().filter(move |other| other.0 > one.0).map(move |other| (one, *other)).collect::<Vec<_>>()
    };
    cells.iter().flat_map(later).collect()
}

/// Whether `cell` completes `pair` in a row that is half made.
fn joins(row: &[Option<usize>], cell: (usize, usize), (one, other): Pair) -> bool {
    let is_in = |(column, value): (usize, usize)| row[column] == Some(value);
    (one == cell && is_in(other)) || (other == cell && is_in(one))
}

proptest! {
    /// If this failed, two arguments would never be tried together.
    #[test]
    fn every_two_values_meet(columns in prop::collection::vec(1_usize..5, 2..9)) {
        let rows = rows(&columns);
        for ((one, a), (other, b)) in pairs(&columns) {
            prop_assert!(rows.iter().any(|row| row[one] == a && row[other] == b), "{one}={a} {other}={b}: {rows:?}");
        }
        prop_assert!(rows.iter().all(|row| row.iter().zip(&columns).all(|(value, values)| value < values)));
        prop_assert!(rows.len() <= 60, "{} rows", rows.len());
    }
}
