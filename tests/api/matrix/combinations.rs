//! Few rows in which every value of every column meets every value of every other one, or of every two others.

use proptest::prelude::*;

/// Up to so many rows all combinations are played.
const MOST_OF_A_PRODUCT: usize = 24;
/// Arguments that leave something to be found.
const FEW: usize = 5;

/// For each column how many values it has; in each row of the answer, one value of each column by its place. Any values of
/// any `strength` columns meet in some row.
pub(super) fn rows(columns: &[usize], strength: usize) -> Vec<Vec<usize>> {
    let product = columns.iter().try_fold(1_usize, |all, values| all.checked_mul(*values));
    match product {
        Some(all) if all <= MOST_OF_A_PRODUCT => (0..all).map(|number| nth(columns, number)).collect(),
        _ => covering(columns, strength),
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

/// Rows of at most [`FEW`] of so many columns, in which any three come together.
pub(super) fn three_of_few(columns: usize) -> Vec<Vec<usize>> {
    let present = |row: &[usize], three: &[Cell]| three.iter().all(|(column, _)| row.contains(column));
    let mut unmet = meetings(&vec![1; columns], 3);
    let mut rows = Vec::new();
    while let Some(first) = unmet.first() {
        let mut row: Vec<usize> = first.iter().map(|(column, _)| *column).collect();
        while row.len() < FEW.min(columns) {
            let gain = |column: &usize| {
                let longer = [&row[..], &[*column]].concat();
                unmet.iter().filter(|three| present(&longer, three)).count()
            };
            row.extend((0..columns).rev().filter(|column| !row.contains(column)).max_by_key(gain));
        }
        unmet.retain(|three| !present(&row, three));
        rows.push(row);
    }
    rows
}

/// A value of a column, both by their places.
type Cell = (usize, usize);

fn covering(columns: &[usize], strength: usize) -> Vec<Vec<usize>> {
    let mut rows = Vec::new();
    complete(&mut rows, columns, strength);
    rows
}

/// Adds rows until any values of any `strength` columns meet. Each begins with values that have not met, and takes in every
/// other column the value that brings most new meetings.
pub(super) fn complete(rows: &mut Vec<Vec<usize>>, columns: &[usize], strength: usize) {
    let mut unmet = meetings(columns, strength.min(columns.len()));
    unmet.retain(|meeting| !rows.iter().any(|row| has(row, meeting)));
    while let Some(first) = unmet.first() {
        let mut row: Vec<Option<usize>> = vec![None; columns.len()];
        for (column, value) in first {
            row[*column] = Some(*value);
        }
        for (column, values) in columns.iter().enumerate() {
            if row[column].is_none() {
                let gain = |value: &usize| {
                    unmet.iter().filter(|meeting| completes((column, *value), meeting, &row)).count()
                };
                row[column] = (0..*values).rev().max_by_key(gain);
            }
        }
        let row: Vec<usize> = row.into_iter().map(Option::unwrap_or_default).collect();
        unmet.retain(|meeting| !has(&row, meeting));
        rows.push(row);
    }
}

/// Any values of any `strength` columns, each by the order of the columns.
fn meetings(columns: &[usize], strength: usize) -> Vec<Vec<Cell>> {
    let mut meetings: Vec<Vec<Cell>> = vec![Vec::new()];
    for _ in 0..strength {
        let longer = |meeting: &Vec<Cell>| {
            let next = meeting.last().map_or(0, |(column, _)| column + 1);
            let cells = columns
                .iter()
                .enumerate()
                .skip(next)
                .flat_map(|(column, values)| (0..*values).map(move |value| (column, value)));
            cells.map(|cell| meeting.iter().copied().chain([cell]).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        meetings = meetings.iter().flat_map(longer).collect();
    }
    meetings
}

/// Whether `cell` is all that `meeting` lacks in a row that is half made.
fn completes(cell: Cell, meeting: &[Cell], row: &[Option<usize>]) -> bool {
    meeting.contains(&cell) && meeting.iter().all(|other| *other == cell || row[other.0] == Some(other.1))
}

fn has(row: &[usize], meeting: &[Cell]) -> bool {
    meeting.iter().all(|(column, value)| row[*column] == *value)
}

/// Whether every meeting takes place, with values that there are.
fn all_meet(rows: &[Vec<usize>], columns: &[usize], strength: usize) -> bool {
    meetings(columns, strength).iter().all(|meeting| rows.iter().any(|row| has(row, meeting)))
        && rows.iter().all(|row| row.iter().zip(columns).all(|(value, values)| value < values))
}

proptest! {
    /// If this failed, two values would never be tried together.
    #[test]
    fn every_two_values_meet(columns in prop::collection::vec(1_usize..5, 2..9), begun in 0_usize..3) {
        let mut rows = vec![vec![0; columns.len()]; begun];
        complete(&mut rows, &columns, 2);
        prop_assert!(all_meet(&rows, &columns, 2), "{rows:?}");
        prop_assert!(rows.len() <= 60 + begun, "{} rows", rows.len());
    }

    /// If this failed, three arguments would be tried together only where nothing is left to be found.
    #[test]
    fn every_three_of_few_meet(columns in 3_usize..16) {
        let rows = three_of_few(columns);
        for three in meetings(&vec![1; columns], 3) {
            let is_met = |row: &Vec<usize>| three.iter().all(|(column, _)| row.contains(column));
            prop_assert!(rows.iter().any(is_met), "{three:?}: {rows:?}");
        }
        prop_assert!(rows.iter().all(|row| row.len() <= FEW) && rows.len() <= 120, "{} rows", rows.len());
    }

    /// If this failed, three arguments would never be tried together, or it would take longer than anybody waits.
    #[test]
    fn every_three_values_meet(columns in prop::collection::vec(1_usize..3, 3..16)) {
        let rows = rows(&columns, 3);
        prop_assert!(all_meet(&rows, &columns, 3), "{rows:?}");
        prop_assert!(rows.len() <= 40, "{} rows", rows.len());
    }
}
