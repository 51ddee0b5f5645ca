//! `$select`: which properties are written.

use crate::graph::refusal::Refusal;

/// The properties to write, as places in the resource's own list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Selection {
    /// Nothing was asked: the default set.
    Default,
    Only(Vec<usize>),
}

impl Selection {
    /// Reads `$select` against the names of a resource, without regard to case.
    pub(in crate::graph) fn parse(
        select: Option<&str>,
        names: &[&'static str],
        resource: &'static str,
    ) -> Result<Self, Refusal> {
        let Some(select) = select else { return Ok(Self::Default) };
        let mut places = Vec::new();
        for name in select.split(',').map(str::trim) {
            if name == "*" {
                return Ok(Self::Default);
            }
            let place = names
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))
                .ok_or_else(|| Refusal::UnknownSelected { property: name.to_owned(), resource })?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(Self::Only(places))
    }

    /// Whether the property at `place` is written; `by_default` says whether the default set has it.
    pub(in crate::graph) fn holds(&self, place: usize, by_default: bool) -> bool {
        match self {
            Self::Default => by_default,
            Self::Only(places) => places.contains(&place),
        }
    }

    /// Whether the property of that name is written, where all of `names` are by default. What is none of them always is.
    pub(in crate::graph) fn keeps(&self, name: &str, names: &[&'static str]) -> bool {
        names.iter().position(|known| *known == name).is_none_or(|place| self.holds(place, true))
    }

    /// The part of `@odata.context` that tells what was selected: `(subject,from)`, or nothing.
    pub(in crate::graph) fn context(&self, names: &[&'static str]) -> String {
        match self {
            Self::Default => String::new(),
            Self::Only(places) => {
                let selected: Vec<&str> = places.iter().map(|place| names[*place]).collect();
                format!("({})", selected.join(","))
            }
        }
    }
}
