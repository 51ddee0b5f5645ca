//! Looking at many bytes at once.

/// In bytes: what one step looks at.
const AT_ONCE: usize = 16;

/// Whether `holds` is true of every byte. `holds` should have no branches, so that the bytes of a step are compared
/// together.
pub(super) fn every(bytes: &[u8], holds: impl Fn(u8) -> bool) -> bool {
    let all = |step: &[u8; AT_ONCE]| step.iter().fold(true, |all, byte| all & holds(*byte));
    match bytes.last_chunk::<AT_ONCE>() {
        // What is left over behind the last whole step is looked at together with some of that step's bytes.
        Some(last) => bytes.as_chunks::<AT_ONCE>().0.iter().all(all) && all(last),
        None => bytes.iter().all(|byte| holds(*byte)),
    }
}

/// The same for every two bytes that stand side by side.
pub(super) fn every_two(bytes: &[u8], holds: impl Fn(u8, u8) -> bool) -> bool {
    let seconds = bytes.get(1..).unwrap_or_default();
    bytes.iter().zip(seconds).fold(true, |all, (first, second)| all & holds(*first, *second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// If this failed, two bytes that matter together would be overlooked.
        #[test]
        fn no_two_bytes_are_overlooked(bytes in prop::collection::vec(0_u8..3, 0..40)) {
            let found = bytes.windows(2).any(|two| two == [1, 1]);
            prop_assert_eq!(every_two(&bytes, |first, second| first != 1 || second != 1), !found);
        }

        /// If this failed, a byte that matters would be overlooked in some place of a text.
        #[test]
        fn no_byte_is_overlooked(bytes in prop::collection::vec(0_u8..4, 0..70)) {
            for odd in 0..4 {
                prop_assert_eq!(every(&bytes, |byte| byte != odd), !bytes.contains(&odd));
            }
        }
    }
}
