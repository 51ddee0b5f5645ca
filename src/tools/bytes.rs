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

/// At most 15 bytes as two words, which have some of them twice, or `filler` where there are few; `None` for more bytes.
pub(super) fn short(bytes: &[u8], filler: u8) -> Option<[u64; 2]> {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (bytes.len() < 16).then(|| [u64::from_le_bytes(*first), u64::from_le_bytes(*last)]);
    }
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            (u64::from(u32::from_le_bytes(*first)) << 32) | u64::from(u32::from_le_bytes(*last))
        }
        _ => bytes.iter().fold(ONES * u64::from(filler), |word, byte| (word << 8) | u64::from(*byte)),
    };
    Some([word, word])
}

/// A one in every byte.
const ONES: u64 = u64::MAX / 255;

/// Whether a byte of `word` is less than `bound`, which is at most 128.
pub(super) const fn has_below(word: u64, bound: u8) -> bool {
    // Less than the bound, a byte borrows from the bit that it had not set itself.
    word.wrapping_sub(ONES * bound as u64) & !word & (ONES << 7) != 0
}

/// Whether a byte of `word` is `wanted`.
pub(super) const fn has(word: u64, wanted: u8) -> bool {
    has_below(word ^ (ONES * wanted as u64), 1)
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

        /// If this failed, names that need escapes would be written without.
        #[test]
        fn no_byte_of_a_short_text_is_overlooked(
            bytes in prop::collection::vec(any::<u8>(), 0..20),
            wanted in any::<u8>(),
            bound in 0_u8..=32,
        ) {
            let Some(words) = short(&bytes, b' ') else {
                prop_assert!(bytes.len() > 15);
                return Ok(());
            };
            let is_filler = wanted == b' ' && bytes.len() < 4;
            prop_assert!(is_filler || words.iter().any(|word| has(*word, wanted)) == bytes.contains(&wanted));
            let is_there = bytes.iter().any(|byte| *byte < bound);
            prop_assert_eq!(words.iter().any(|word| has_below(*word, bound)), is_there);
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
