//! Looking at many bytes at once, also where a profile lets the compiler take the loop for a rare one (docs/adr/0028).

/// Whether `holds` is true of every byte. `holds` should have no branches, so that the bytes of a step are compared
/// together.
pub(crate) fn every(bytes: &[u8], holds: impl Fn(u8) -> bool) -> bool {
    every_aligned(bytes, bytes, |byte, _| holds(byte))
}

/// The same for every two bytes that stand side by side.
pub(crate) fn every_two(bytes: &[u8], holds: impl Fn(u8, u8) -> bool) -> bool {
    let Some(further) = bytes.get(1..) else { return true };
    every_aligned(&bytes[..further.len()], further, holds)
}

/// For every two bytes at the same place of two texts of one length.
fn every_aligned(some: &[u8], others: &[u8], holds: impl Fn(u8, u8) -> bool) -> bool {
    in_steps::<32>(some, others, &holds)
        .or_else(|| in_steps::<16>(some, others, &holds))
        .or_else(|| in_steps::<8>(some, others, &holds))
        .or_else(|| in_steps::<4>(some, others, &holds))
        .unwrap_or_else(|| some.iter().zip(others).all(|(one, other)| holds(*one, *other)))
}

/// `N` at once; `None` where there are fewer.
fn in_steps<const N: usize>(some: &[u8], others: &[u8], holds: &impl Fn(u8, u8) -> bool) -> Option<bool> {
    let all = |(some, others): (&[u8; N], &[u8; N])| {
        some.iter().zip(others).fold(true, |all, (one, other)| all & holds(*one, *other))
    };
    // What is left over behind the last whole step is looked at together with some of that step's bytes.
    let last = (some.last_chunk::<N>()?, others.last_chunk::<N>()?);
    Some(some.as_chunks::<N>().0.iter().zip(others.as_chunks::<N>().0).all(all) && all(last))
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
