//! The free ranges of a buffer.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The free ranges of a buffer, which never touch each other. Each call takes time logarithmic in their number.
///
/// Best fit: a request gets the beginning of the smallest range that is long enough, the first one among equals.
#[derive(Debug, Clone)]
pub(super) struct FreeSpace {
    /// The end of each range, by its start.
    parts: BTreeMap<u64, u64>,
    /// The length and start of each range.
    by_length: BTreeSet<(u64, u64)>,
    bytes: u64,
}

impl FreeSpace {
    /// A buffer of this many bytes, all free.
    pub(super) fn new(bytes: u64) -> Self {
        let mut space = Self { parts: BTreeMap::new(), by_length: BTreeSet::new(), bytes: 0 };
        space.give_back(0..bytes);
        space
    }

    /// All free bytes, over all ranges.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The length of the longest range.
    pub(super) fn longest(&self) -> u64 {
        self.by_length.last().map_or(0, |(length, _)| *length)
    }

    /// Takes this many bytes (more than 0) out of one range.
    pub(super) fn take(&mut self, length: u64) -> Option<Range<u64>> {
        let (found, start) = self.by_length.range((length, 0)..).next().copied()?;
        self.remove(start..start + found);
        self.insert(start + length..start + found);
        Some(start..start + length)
    }

    /// Whether a range can be taken for each length. Takes none.
    pub(super) fn fits(&mut self, lengths: &[u64]) -> bool {
        let taken = self.take_all(lengths.iter().copied());
        let fits = taken.is_some();
        taken.into_iter().flatten().for_each(|part| self.give_back(part));
        fits
    }

    /// Takes a range for each length, or none at all.
    pub(super) fn take_all(&mut self, lengths: impl IntoIterator<Item = u64>) -> Option<Vec<Range<u64>>> {
        let mut taken = Vec::new();
        for length in lengths {
            match self.take(length) {
                Some(part) => taken.push(part),
                None => {
                    taken.into_iter().for_each(|part| self.give_back(part));
                    return None;
                }
            }
        }
        Some(taken)
    }

    /// Returns a taken range and joins it with its neighbours.
    pub(super) fn give_back(&mut self, part: Range<u64>) {
        let Range { mut start, mut end } = part;
        if let Some((before, &its_end)) =
            self.parts.range(..start).next_back().filter(|(_, its_end)| **its_end == start)
        {
            let before = *before;
            self.remove(before..its_end);
            start = before;
        }
        if let Some(&its_end) = self.parts.get(&end) {
            self.remove(end..its_end);
            end = its_end;
        }
        self.insert(start..end);
    }

    fn insert(&mut self, part: Range<u64>) {
        let length = part.end - part.start;
        if length > 0 {
            self.parts.insert(part.start, part.end);
            self.by_length.insert((length, part.start));
            self.bytes += length;
        }
    }

    fn remove(&mut self, part: Range<u64>) {
        let length = part.end - part.start;
        self.parts.remove(&part.start);
        self.by_length.remove(&(length, part.start));
        self.bytes -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The free ranges according to a list of pages.
    fn parts_of(pages: &[bool]) -> Vec<Range<u64>> {
        let mut parts: Vec<Range<u64>> = Vec::new();
        for (page, _) in (0_u64..).zip(pages).filter(|(_, is_free)| **is_free) {
            match parts.last_mut().filter(|last| last.end == page) {
                Some(last) => last.end += 1,
                None => parts.push(page..page + 1),
            }
        }
        parts
    }

    #[test]
    fn takes_the_same_ranges_as_a_best_fit_over_a_list_of_pages() {
        const PAGES: usize = 64;
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut pages, mut space, mut taken) = ([true; PAGES], FreeSpace::new(PAGES as u64), Vec::new());
            for _ in 0..300 {
                if random.bool() || taken.is_empty() {
                    let length = random.u64(1..12);
                    let parts = parts_of(&pages);
                    let fit = parts.iter().filter(|part| part.end - part.start >= length);
                    let best = fit.min_by_key(|part| (part.end - part.start, part.start));
                    let expected = best.map(|part| part.start..part.start + length);
                    let got = space.take(length);
                    assert_eq!(got, expected, "seed {seed}");
                    taken.extend(got);
                } else {
                    let part: Range<u64> = taken.swap_remove(random.usize(..taken.len()));
                    space.give_back(part);
                }
                pages = [true; PAGES];
                taken.iter().flat_map(Clone::clone).for_each(|page| pages[page as usize] = false);
                let parts: Vec<_> = space.parts.iter().map(|(start, end)| *start..*end).collect();
                assert_eq!(parts, parts_of(&pages), "seed {seed}");
                assert_eq!(space.bytes(), pages.iter().filter(|is_free| **is_free).count() as u64);
                assert_eq!(space.longest(), parts.iter().map(|part| part.end - part.start).max().unwrap_or(0));
            }
        }
    }

    #[test]
    fn a_list_of_lengths_that_does_not_fit_takes_nothing() {
        let mut space = FreeSpace::new(10);
        assert_eq!(space.take_all([4, 4, 4]), None);
        assert_eq!(space.take_all([4, 6]), Some(vec![0..4, 4..10]));
    }
}
