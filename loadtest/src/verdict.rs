//! Which targets a measurement has missed.

/// Taken along through a measurement, so that all of it is made and printed before it fails.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    missed: Vec<&'static str>,
}

impl Verdict {
    /// Notes whether what `target` names was reached.
    pub(crate) fn note(&mut self, target: &'static str, is_met: bool) {
        if !is_met {
            self.missed.push(target);
        }
    }

    /// An error that names what was missed.
    pub(crate) fn outcome(self) -> Result<(), Box<dyn std::error::Error>> {
        if self.missed.is_empty() {
            return Ok(());
        }
        Err(format!("missed: {}", self.missed.join(", ")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a figure could get worse without anybody being told.
    #[test]
    fn a_missed_target_fails_the_whole_and_is_named() {
        let mut verdict = Verdict::default();
        verdict.note("bytes of a session", true);
        verdict.note("requests/s", false);
        assert_eq!(verdict.outcome().unwrap_err().to_string(), "missed: requests/s");
        assert!(Verdict::default().outcome().is_ok());
    }
}
