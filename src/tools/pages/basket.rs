//! What one answer takes from the pages.

use super::length::Shaped;
use super::reading::{Turn, link_of};
use crate::graph::Page;
use crate::tools::error::ToolError;

/// The items of one answer.
#[derive(Debug)]
pub(in crate::tools) struct Basket<S> {
    pub(in crate::tools) items: Vec<S>,
    limit: usize,
}

/// What becomes of an entry, whether or not there is room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Verdict {
    Given,
    PassedOver,
    /// Neither this entry nor any behind it is wanted.
    Over,
}

/// Each entry is given where there is room for it.
pub(in crate::tools) fn everything<T>(_: &T) -> Verdict {
    Verdict::Given
}

impl<S> Basket<S> {
    pub(in crate::tools) fn of(limit: usize) -> Self {
        Self { items: Vec::with_capacity(limit), limit }
    }

    /// Takes what is given from a page's entries behind the first `skip`. `shape` sees those alone for which there is a
    /// place.
    pub(in crate::tools) fn fill<T>(
        &mut self,
        page: Page<'_, T>,
        skip: usize,
        judge: impl Fn(&T) -> Verdict,
        mut shape: impl FnMut(T) -> Result<Shaped<S>, ToolError>,
    ) -> Result<Turn, ToolError> {
        for (index, entry) in page.value.into_iter().enumerate().skip(skip) {
            match judge(&entry) {
                Verdict::Over => return Ok(Turn::Over),
                Verdict::PassedOver => {}
                Verdict::Given if self.items.len() == self.limit => return Ok(Turn::Full(index)),
                Verdict::Given => match shape(entry)? {
                    Shaped::Shown(item) => self.items.push(item),
                    Shaped::NotShown => {}
                    Shaped::TooLong => return Ok(Turn::Long(index)),
                },
            }
        }
        let link = link_of(page.next_link);
        Ok(if self.items.len() == self.limit { Turn::Enough(link) } else { Turn::On(link) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::Text;

    const LINK: &str = "https://graph.microsoft.com/v1.0/me/messages?$skip=10";

    fn page(value: Vec<u8>) -> Page<'static, u8> {
        Page { next_link: Some(Text(LINK.into())), value }
    }

    /// Ones are passed over, nines end it all, and threes are not shown.
    fn fill(basket: &mut Basket<u8>, value: &[u8], skip: usize) -> Turn {
        let judge = |entry: &u8| match *entry {
            1 => Verdict::PassedOver,
            9 => Verdict::Over,
            _ => Verdict::Given,
        };
        let shape = |entry: u8| Ok((entry != 3).then_some(entry).into());
        basket.fill(page(value.to_vec()), skip, judge, shape).unwrap()
    }

    /// If this failed, an entry that is too long for one answer would be lost, or end the list.
    #[test]
    fn the_next_answer_begins_with_what_was_too_long() {
        let mut basket = Basket::of(9);
        let shape = |entry: u8| Ok(if entry > 7 { Shaped::TooLong } else { Shaped::Shown(entry) });
        let turn = basket.fill(page(vec![1, 2, 8, 3]), 1, everything, shape).unwrap();
        assert_eq!((turn, basket.items), (Turn::Long(2), vec![2]));
    }

    /// If this failed, an answer would promise more where only such entries are left as it passes over.
    #[test]
    fn what_is_passed_over_needs_no_room() {
        let mut basket = Basket::of(2);
        assert_eq!(fill(&mut basket, &[0, 1, 2, 1], 0), Turn::Enough(Some(LINK.into())));
        assert_eq!(basket.items, [0, 2]);
    }

    /// If this failed, pages would be read behind the last entry that can be wanted.
    #[test]
    fn an_entry_can_end_it_all_also_where_there_is_no_room() {
        let mut basket = Basket::of(2);
        assert_eq!(fill(&mut basket, &[0, 2, 9, 4], 0), Turn::Over);
        assert_eq!(basket.items, [0, 2]);
    }

    proptest! {
        /// If this failed, entries would be lost or given twice between two answers.
        #[test]
        fn baskets_neither_lose_nor_repeat(value in proptest::collection::vec(0_u8..5, 0..40), limit in 1_usize..6) {
            let expected: Vec<u8> = value.iter().copied().filter(|entry| !matches!(entry, 1 | 3)).collect();
            let (mut given, mut skip) = (Vec::new(), 0);
            loop {
                let mut basket = Basket::of(limit);
                let turn = fill(&mut basket, &value, skip);
                given.append(&mut basket.items);
                match turn {
                    Turn::Full(index) => skip = index,
                    _ => break,
                }
            }
            prop_assert_eq!(given, expected);
        }
    }
}
