//! One bit for each key of a task.

use std::fmt;

/// Which keys of a task succeeded: bit `i` is the task's key `i`.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
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
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bitmap(")?;
        (0..self.length).try_for_each(|index| f.write_str(if self.test(index) { "1" } else { "0" }))?;
        f.write_str(")")
    }
}
