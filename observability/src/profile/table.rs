//! From stacks to a profile: every text and every function stands in it once.

use std::collections::HashMap;
use std::time::Duration;

use super::message::{Function, Label, Line, Location, Profile, Sample, ValueType};

const NANOSECONDS: i64 = 1_000_000_000;

/// A profile while stacks are added to it.
pub(super) struct Table {
    profile: Profile,
    texts: HashMap<String, i64>,
    /// By the number of the name.
    functions: HashMap<i64, u64>,
    thread: i64,
}

impl Table {
    /// Of samples that were taken so often in a second of processor time.
    pub(super) fn new(frequency: i32) -> Self {
        let mut table =
            Self { profile: Profile::default(), texts: HashMap::new(), functions: HashMap::new(), thread: 0 };
        // The format wants the empty text first.
        table.text("");
        table.thread = table.text("thread");
        let samples = ValueType { kind: table.text("samples"), unit: table.text("count") };
        let time = ValueType { kind: table.text("cpu"), unit: table.text("nanoseconds") };
        table.profile.sample_type = vec![samples, time];
        table.profile.period_type = Some(time);
        table.profile.period = NANOSECONDS / i64::from(frequency.max(1));
        table
    }

    /// Adds a stack of `thread` that was seen `count` times; the function that ran comes first.
    pub(super) fn add(&mut self, thread: &str, functions: impl Iterator<Item = String>, count: i64) {
        let location_id = functions.map(|name| self.place_of(&name)).collect();
        let label = Label { key: self.thread, text: self.text(thread) };
        let value = vec![count, count.saturating_mul(self.profile.period)];
        self.profile.sample.push(Sample { location_id, value, label: vec![label] });
    }

    /// The profile of what was recorded for `duration` from `begun` on, which is counted from 1970.
    pub(super) fn finish(self, begun: Duration, duration: Duration) -> Profile {
        let Self { mut profile, .. } = self;
        profile.time_nanos = nanoseconds(begun);
        profile.duration_nanos = nanoseconds(duration);
        profile
    }

    /// The place that a function has, under the same number as the function.
    fn place_of(&mut self, function: &str) -> u64 {
        let name = self.text(function);
        let id = self.profile.function.len() as u64 + 1;
        let known = *self.functions.entry(name).or_insert(id);
        if known == id {
            self.profile.function.push(Function { id, name });
            self.profile.location.push(Location { id, line: vec![Line { function_id: id }] });
        }
        known
    }

    fn text(&mut self, text: &str) -> i64 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let number = i64::try_from(self.profile.string_table.len()).unwrap_or(i64::MAX);
        self.texts.insert(text.to_owned(), number);
        self.profile.string_table.push(text.to_owned());
        number
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(names: &[&str]) -> std::vec::IntoIter<String> {
        names.iter().map(ToString::to_string).collect::<Vec<_>>().into_iter()
    }

    /// A reader would show the time of one function under another's name.
    #[test]
    fn a_profile_reads_as_the_stacks_that_were_added() {
        let mut table = Table::new(100);
        table.add("io", stack(&["encode", "exchange", "main"]), 3);
        table.add("audit", stack(&["write", "main"]), 1);
        let profile = table.finish(Duration::from_secs(7), Duration::from_secs(2));

        let text = |number: i64| profile.string_table[usize::try_from(number).unwrap()].as_str();
        let name = |place: &u64| {
            let place = profile.location.iter().find(|location| location.id == *place).unwrap();
            let [line] = place.line[..] else { panic!("one function a place") };
            text(profile.function.iter().find(|function| function.id == line.function_id).unwrap().name)
        };
        let read: Vec<_> = profile
            .sample
            .iter()
            .map(|sample| {
                let names: Vec<_> = sample.location_id.iter().map(name).collect();
                (text(sample.label[0].text), names, sample.value.as_slice())
            })
            .collect();
        assert_eq!(
            read,
            [
                ("io", vec!["encode", "exchange", "main"], &[3, 30_000_000][..]),
                ("audit", vec!["write", "main"], &[1, 10_000_000][..]),
            ]
        );
        let types: Vec<_> =
            profile.sample_type.iter().map(|value| (text(value.kind), text(value.unit))).collect();
        assert_eq!(types, [("samples", "count"), ("cpu", "nanoseconds")]);
        assert_eq!(profile.string_table.first().map(String::as_str), Some(""));
        assert_eq!(profile.function.len(), 4, "`main` stands in it once");
        assert_eq!((profile.time_nanos, profile.duration_nanos), (7_000_000_000, 2_000_000_000));
    }
}
