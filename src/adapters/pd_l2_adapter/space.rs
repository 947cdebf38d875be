//! Which parts of a buffer are free.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The free parts of a buffer, which never touch each other. Each call takes a time that is logarithmic in their number.
///
/// A request gets the beginning of the smallest part that it fits into, the first of them where several are as small.
#[derive(Debug, Clone)]
pub(super) struct FreeSpace {
    /// The end of each part, by its start.
    parts: BTreeMap<u64, u64>,
    /// The length and start of each part.
    by_length: BTreeSet<(u64, u64)>,
    bytes: u64,
}

impl FreeSpace {
    /// A buffer of so many bytes, all free.
    pub(super) fn new(bytes: u64) -> Self {
        let mut space = Self { parts: BTreeMap::new(), by_length: BTreeSet::new(), bytes: 0 };
        space.give_back(0..bytes);
        space
    }

    /// All free bytes, in however many parts.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The length of the longest part.
    pub(super) fn longest(&self) -> u64 {
        self.by_length.last().map_or(0, |(length, _)| *length)
    }

    /// Takes so many bytes, which are not 0, out of one part.
    pub(super) fn take(&mut self, length: u64) -> Option<Range<u64>> {
        let (found, start) = self.by_length.range((length, 0)..).next().copied()?;
        self.remove(start..start + found);
        self.insert(start + length..start + found);
        Some(start..start + length)
    }

    /// Whether there is a part for each length. Everything stays free.
    pub(super) fn fits(&mut self, lengths: &[u64]) -> bool {
        let taken = self.take_all(lengths.iter().copied());
        let fits = taken.is_some();
        taken.into_iter().flatten().for_each(|part| self.give_back(part));
        fits
    }

    /// Takes a part of each length, or none at all.
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

    /// Gives back what was taken. It joins the parts beside it.
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

    /// The free parts as a list of pages says it.
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
    fn it_is_the_best_fit_of_a_list_of_pages_whatever_is_taken_and_given_back() {
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
    fn what_does_not_fit_as_a_whole_leaves_everything_free() {
        let mut space = FreeSpace::new(10);
        assert_eq!(space.take_all([4, 4, 4]), None);
        assert_eq!(space.take_all([4, 6]), Some(vec![0..4, 4..10]));
    }
}
