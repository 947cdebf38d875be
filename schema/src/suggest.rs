//! "Did you mean": the nearest of some names.

/// The candidate nearest to `written`, if it is near enough to be meant.
///
/// Near enough is at most a third of the longer name in edits, transpositions counted as one: what a typing slip makes.
/// Letter case is ignored in the comparison, so that `"LRu"` finds `"LRU"`.
pub fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name we have: comparing it would cost time that grows with what a stranger wrote.
    const WRITTEN_BYTES_MAX: usize = 128;
    if written.is_empty() || written.len() > WRITTEN_BYTES_MAX {
        return None;
    }
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let longer = candidate.chars().count().max(lower.chars().count());
            let budget = (longer / 3).max(1);
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance <= budget && distance < longer).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    const NAMES: [&str; 4] = ["sender", "receiver", "LRU", "peer_host"];

    #[test]
    fn a_slip_of_one_letter_finds_the_name() {
        for (written, meant) in [("sendr", "sender"), ("reciever", "receiver"), ("lru", "LRU"), ("peerhost", "peer_host")] {
            assert_eq!(closest(written, NAMES), Some(meant));
        }
    }

    #[test]
    fn another_word_finds_nothing() {
        for written in ["", "x", "decoder_port", "MRU cache"] {
            assert_eq!(closest(written, NAMES), None, "{written}");
        }
    }
}
