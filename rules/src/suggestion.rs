//! "Did you mean": the nearest of some names.

/// The candidate nearest to `written`, if it is near enough to be meant.
///
/// A name is near if its edits, where a transposition counts as one, are at most a third of the longer name: the distance of a
/// typing error. Letter case is ignored in the comparison, so that `"LRu"` finds `"LRU"`.
///
/// A name that lacks only its last words, mostly a unit, finds the one candidate that has them: `"lookup_grace"` finds
/// `"lookup_grace_seconds"`, although another name may have fewer edits, if it has more than one.
pub fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(written, candidates).map(|(candidate, _)| candidate)
}

/// [`closest`], and whether it differs by one edit at most.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, bool)> {
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
        let allowed = (longer / 3).max(1).min(longer - 1);
        // A later name is nearer only by fewer edits.
        let budget = nearest.map_or(Some(allowed), |(least, _)| Some(allowed.min(least.checked_sub(1)?)));
        // The letters rule out nearly all candidates at a small part of the price of the distance.
        let Some(budget) = budget.filter(|budget| written.distance_min(&letters) <= *budget) else { continue };
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        if distance <= budget {
            nearest = Some((distance, candidate));
        }
    }
    match nearest {
        // One slip is likelier than a forgotten word.
        Some((0 | 1, candidate)) => Some((candidate, true)),
        _ => longer_name
            .filter(|_| longer_names == 1)
            .or(nearest.map(|(_, candidate)| candidate))
            .map(|candidate| (candidate, false)),
    }
}

/// The letters of a name, ignoring case.
struct Letters {
    /// Which occur, a bit each: letters that share a bit make the bound below smaller, never wrong.
    kinds: u32,
    count: usize,
}

impl Letters {
    fn of(name: &str) -> Self {
        // ASCII letters differ from their other case in a bit above these.
        let enter = |kinds, letter: u32| kinds | 1 << (letter % u32::BITS);
        if name.is_ascii() {
            return Self { kinds: name.bytes().map(u32::from).fold(0, enter), count: name.len() };
        }
        let lower = name.to_lowercase();
        Self { kinds: lower.chars().map(u32::from).fold(0, enter), count: lower.chars().count() }
    }

    /// No sequence of fewer edits makes one name of the other: an edit brings in one letter at most, and removes one.
    fn distance_min(&self, other: &Self) -> usize {
        let (missing, surplus) = (other.kinds & !self.kinds, self.kinds & !other.kinds);
        self.count.abs_diff(other.count).max(missing.count_ones().max(surplus.count_ones()) as usize)
    }
}

/// Whether two names are one but for letter case and what separates their words: `accessKey`, `ACCESS_KEY`, `access-key`.
pub fn same_name(left: &str, right: &str) -> bool {
    let is_letter = |byte: &u8| !is_separator(char::from(*byte));
    let (mut bytes, mut others) = (left.bytes().filter(is_letter), right.bytes().filter(is_letter));
    loop {
        match (bytes.next(), others.next()) {
            (Some(byte), Some(other)) if byte.is_ascii() && other.is_ascii() => {
                if !byte.eq_ignore_ascii_case(&other) {
                    return false;
                }
            }
            (Some(_), Some(_)) => return letters(left).eq(letters(right)),
            (byte, other) => return byte == other,
        }
    }
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !is_separator(*letter)).flat_map(char::to_lowercase)
}

const fn is_separator(letter: char) -> bool {
    matches!(letter, '_' | '-' | '.' | ' ')
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
        for name in ["", "_", "access_keys", "key_access", "access_kéy"] {
            assert!(!same_name(name, "access_key"), "{name}");
        }
        // The first is the sign of Kelvin.
        assert!(same_name("\u{212a}EY", "key") && same_name("É_é", "éÉ"));
    }

    #[test]
    fn an_unrelated_word_finds_nothing() {
        for written in ["", "x", "decoder_port", "MRU cache"] {
            assert_eq!(closest(written, NAMES), None, "{written}");
        }
    }
}
