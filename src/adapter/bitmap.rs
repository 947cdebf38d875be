//! One bit for each key of a task.

use std::fmt;

/// Which keys of a task succeeded: bit `i` is the task's key `i`.
///
/// ```
/// use l2_adapter::adapter::Bitmap;
///
/// let found: Bitmap = [true, true, false, true].into_iter().collect();
/// assert_eq!(found.leading_ones(), 2); // the prefix that can be served
/// assert_eq!(found.ones().collect::<Vec<_>>(), [0, 1, 3]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
    /// Bits from `length` on are not set.
    words: Vec<u64>,
    length: usize,
}

impl Bitmap {
    /// A bitmap of `length` bits, none of them set.
    pub fn new(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(64)], length }
    }

    /// The number of bits.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Sets a bit. One that is out of range is ignored.
    pub fn set(&mut self, index: usize) {
        if index < self.length
            && let Some(word) = self.words.get_mut(index / 64)
        {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether a bit is set. One that is out of range is not.
    pub fn test(&self, index: usize) -> bool {
        index < self.length && self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// How many bits are set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many bits are set before the first that is not: the keys a controller can serve without a gap.
    pub fn leading_ones(&self) -> usize {
        let whole = self.words.iter().take_while(|word| **word == u64::MAX).count();
        whole * 64 + self.words.get(whole).map_or(0, |word| word.trailing_ones() as usize)
    }

    /// The indices of the bits that are set, in order.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.length).filter(|index| self.test(*index))
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let mut bitmap = Self::new(0);
        for bit in bits {
            bitmap.words.resize(bitmap.length / 64 + 1, 0);
            bitmap.length += 1;
            if bit {
                bitmap.set(bitmap.length - 1);
            }
        }
        bitmap
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bitmap(")?;
        (0..self.length).try_for_each(|index| f.write_str(if self.test(index) { "1" } else { "0" }))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_out_of_range_are_neither_set_nor_found() {
        let mut bitmap = Bitmap::new(65);
        bitmap.set(64);
        bitmap.set(65);
        bitmap.set(usize::MAX);
        assert_eq!(
            (bitmap.count(), bitmap.test(64), bitmap.test(65), bitmap.test(usize::MAX)),
            (1, true, false, false)
        );
    }

    proptest! {
        #[test]
        fn a_bitmap_is_a_list_of_bits(bits in prop::collection::vec(any::<bool>(), 0..200)) {
            let bitmap: Bitmap = bits.iter().copied().collect();
            let ones: Vec<_> = (0..bits.len()).filter(|index| bits[*index]).collect();
            prop_assert_eq!(bitmap.len(), bits.len());
            prop_assert_eq!(bitmap.count(), ones.len());
            prop_assert_eq!(bitmap.ones().collect::<Vec<_>>(), &*ones);
            let mut set = Bitmap::new(bits.len());
            ones.iter().for_each(|index| set.set(*index));
            prop_assert_eq!(bitmap, set);
        }

        #[test]
        fn the_prefix_ends_at_the_first_key_that_is_missing(prefix in 0..200_usize, rest in prop::collection::vec(any::<bool>(), 0..70)) {
            let bits = std::iter::repeat_n(true, prefix).chain([false]).chain(rest);
            prop_assert_eq!(bits.collect::<Bitmap>().leading_ones(), prefix);
            prop_assert_eq!(std::iter::repeat_n(true, prefix).collect::<Bitmap>().leading_ones(), prefix);
        }
    }
}
