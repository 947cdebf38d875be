//! "Did you mean": the nearest of some names.

/// The candidate nearest to `written`, if it is near enough to be meant.
///
/// A name is near if its edits, where a transposition counts as one, are at most a third of the longer name: the distance of a
/// typing error. Letter case is ignored in the comparison, so that `"LRu"` finds `"LRU"`.
///
/// A name that lacks only its last words, mostly a unit, finds the one candidate that has them: `"lookup_grace"` finds
/// `"lookup_grace_seconds"`, although another name may have fewer edits, if it has more than one.
pub fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any known name: comparing it would take time that grows with the input.
    const WRITTEN_BYTES_MAX: usize = 128;
    if written.is_empty() || written.len() > WRITTEN_BYTES_MAX {
        return None;
    }
    let lower = written.to_lowercase();
    let written = Letters::of(&lower);
    let mut nearest: Option<(usize, &str)> = None;
    let (mut longer_name, mut longer_names) = (None, 0);
    for candidate in candidates {
        if candidate.strip_prefix(lower.as_str()).is_some_and(|rest| rest.starts_with('_')) {
            longer_name = Some(candidate);
            longer_names += 1;
        }
        let letters = Letters::of(candidate);
        let longer = written.count.max(letters.count);
        let budget = (longer / 3).max(1).min(longer - 1);
        // Counting letters rules out most candidates at a tenth of the price of the distance.
        if written.distance_min(&letters) > budget {
            continue;
        }
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        if distance <= budget && nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, candidate));
        }
    }
    // One slip is likelier than a forgotten word.
    let is_slip = nearest.is_some_and(|(distance, _)| distance <= 1);
    let longer_name = longer_name.filter(|_| longer_names == 1 && !is_slip);
    longer_name.or(nearest.map(|(_, candidate)| candidate))
}

/// Whether two names are one but for letter case and what separates their words: `accessKey`, `ACCESS_KEY`, `access-key`.
pub fn same_name(left: &str, right: &str) -> bool {
    letters(left).eq(letters(right))
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase)
}

/// How often each letter occurs in a name, ignoring case.
struct Letters {
    /// By the low bits of the letter: two letters that share a place make the bound below smaller, never wrong.
    counts: [u8; 32],
    count: usize,
}

impl Letters {
    fn of(name: &str) -> Self {
        let mut letters = Self { counts: [0; 32], count: 0 };
        for letter in name.chars() {
            if letter.is_ascii() {
                letters.enter(letter);
            } else {
                letter.to_lowercase().for_each(|letter| letters.enter(letter));
            }
        }
        letters
    }

    fn enter(&mut self, letter: char) {
        // ASCII letters differ from their other case in a bit above these.
        let place = letter as usize % self.counts.len();
        self.counts[place] = self.counts[place].saturating_add(1);
        self.count += 1;
    }

    /// No sequence of fewer edits makes one name of the other: an edit brings in one letter at most, and removes one.
    fn distance_min(&self, other: &Self) -> usize {
        let (mut missing, mut surplus) = (0, 0);
        for (own, other) in self.counts.iter().zip(&other.counts) {
            missing += usize::from(other.saturating_sub(*own));
            surplus += usize::from(own.saturating_sub(*other));
        }
        missing.max(surplus)
    }
}

#[cfg(test)]
mod tests {
    use super::{closest, same_name};

    const NAMES: [&str; 4] = ["sender", "receiver", "LRU", "peer_host"];

    #[test]
    fn a_name_without_its_last_word_finds_the_whole_name() {
        let keys = ["lookup_seconds", "lookup_grace_seconds", "lookups_in_grace"];
        assert_eq!(closest("lookup_grace", keys), Some("lookup_grace_seconds"));
        // Two names have these words, so it is unclear which is meant.
        assert_eq!(closest("lookup", keys), None);
        assert_eq!(closest("lookup_second", keys), Some("lookup_seconds"));
        assert_eq!(closest("device", ["device_path", "devices"]), Some("devices"));
    }

    #[test]
    fn a_misspelling_by_one_letter_finds_the_name() {
        for (written, meant) in
            [("sendr", "sender"), ("reciever", "receiver"), ("lru", "LRU"), ("peerhost", "peer_host")]
        {
            assert_eq!(closest(written, NAMES), Some(meant));
        }
    }

    #[test]
    fn letter_case_and_separators_do_not_matter() {
        for name in ["accessKey", "ACCESS_KEY", "access-key", "access.key", "Access Key", "accesskey"] {
            assert!(same_name(name, "access_key"), "{name}");
        }
        for name in ["", "_", "access_keys", "key_access"] {
            assert!(!same_name(name, "access_key"), "{name}");
        }
    }

    #[test]
    fn an_unrelated_word_finds_nothing() {
        for written in ["", "x", "decoder_port", "MRU cache"] {
            assert_eq!(closest(written, NAMES), None, "{written}");
        }
    }
}
