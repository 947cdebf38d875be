//! Versions of a peer, the program that documents are for, and which of them have a key, a value or a rule.

use std::fmt;

use crate::text_equals;

/// A version: one to four numbers, such as 0.5.7. Numbers that are left out are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The four numbers of 32 bits each, so that constants can compare them.
    packed: u128,
}

impl Version {
    const FIRST: Self = Self { packed: 0 };
    /// Above every version.
    const END: Self = Self { packed: u128::MAX };

    /// Reads a version; `None` if the text is not one. Words such as `rc2` have no part in it.
    pub const fn parse(text: &str) -> Option<Self> {
        const DIGITS_MAX: usize = 9;
        let (mut packed, mut number, mut digits, mut after) = (0, 0, 0, 3);
        each!(byte in text.as_bytes() => {
            match *byte {
                b'.' if digits > 0 && after > 0 => {
                    packed = (packed + number) << u32::BITS;
                    (number, digits, after) = (0, 0, after - 1);
                }
                digit @ b'0'..=b'9' if digits < DIGITS_MAX => {
                    number = number * 10 + (digit - b'0') as u128;
                    digits += 1;
                }
                _ => return None,
            }
        });
        if digits == 0 { None } else { Some(Self { packed: (packed + number) << (u32::BITS * after) }) }
    }

    /// Whether this version came before another.
    pub const fn is_before(self, other: Self) -> bool {
        self.packed < other.packed
    }
}

/// Three numbers, and the fourth if there is one.
impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = [96, 64, 32, 0].map(|shift| (self.packed >> shift) as u32);
        write!(formatter, "{major}.{minor}.{patch}")?;
        if build > 0 { write!(formatter, ".{build}") } else { Ok(()) }
    }
}

/// The versions of a peer that have something: all of them, or those from one on, those before one, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    peer: &'static str,
    since: Version,
    until: Version,
}

impl Versions {
    /// All versions of every peer.
    pub const ALL: Self = Self { peer: "", since: Version::FIRST, until: Version::END };

    /// The versions between two ends, written as `"0.5.7"` or, with the name of the peer, as `"LMCache 0.5.7"`. `since` is the
    /// first version that has it, `until` the first one that no longer has it.
    ///
    /// # Errors
    ///
    /// What is wrong with them, as a sentence.
    pub const fn between(since: Option<&'static str>, until: Option<&'static str>) -> Result<Self, &'static str> {
        const NO_VERSION: &str =
            "write a version: one to four numbers, such as \"0.5.7\", or after the peer's name: \"LMCache 0.5.7\"";
        let mut versions = Self::ALL;
        if let Some(text) = since {
            let Some(end) = named_version(text) else { return Err(NO_VERSION) };
            (versions.peer, versions.since) = end;
        }
        if let Some(text) = until {
            let Some((peer, until)) = named_version(text) else { return Err(NO_VERSION) };
            if since.is_some() && !text_equals(peer, versions.peer) {
                return Err("`since` and `until` name different peers");
            }
            (versions.peer, versions.until) = (peer, until);
        }
        if versions.since.is_before(versions.until) {
            Ok(versions)
        } else {
            Err("no version is from `since` on and before `until`")
        }
    }

    /// As [`between`](Self::between), for constants.
    ///
    /// # Panics
    ///
    /// If the ends make no sense.
    #[track_caller]
    pub const fn of(since: Option<&'static str>, until: Option<&'static str>) -> Self {
        match Self::between(since, until) {
            Ok(versions) => versions,
            Err(why) => panic!("{}", why),
        }
    }

    /// The name of the peer; empty if it has none.
    pub const fn peer(&self) -> &'static str {
        self.peer
    }

    /// Whether every version is one of them.
    pub const fn are_all(&self) -> bool {
        self.since.packed == Version::FIRST.packed && self.until.packed == Version::END.packed
    }

    /// Whether a version is one of them.
    pub const fn include(&self, version: Version) -> bool {
        !version.is_before(self.since) && version.is_before(self.until)
    }

    /// Whether all of `others` are among these.
    pub const fn cover(&self, others: &Self) -> bool {
        let same_peer = text_equals(self.peer, others.peer);
        self.are_all() || same_peer && !others.since.is_before(self.since) && !self.until.is_before(others.until)
    }
}

/// `LMCache from 0.5.7 on`, `versions before 0.5.7`.
impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, since, until } = self;
        let peer = if peer.is_empty() { "versions" } else { peer };
        match (*since, *until) {
            (Version::FIRST, Version::END) => write!(formatter, "all {peer}"),
            (_, Version::END) => write!(formatter, "{peer} from {since} on"),
            (Version::FIRST, _) => write!(formatter, "{peer} before {until}"),
            _ => write!(formatter, "{peer} from {since} on and before {until}"),
        }
    }
}

/// A version with the name of its peer before it, which may be empty.
const fn named_version(text: &'static str) -> Option<(&'static str, Version)> {
    let mut start = text.len();
    while start > 0 && text.as_bytes()[start - 1] != b' ' {
        start -= 1;
    }
    // A space is a character of its own, so that these are borders between characters.
    let (name, version) = text.split_at(start);
    match Version::parse(version) {
        Some(version) => Some((name.trim_ascii(), version)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    #[test]
    fn versions_are_numbers_between_dots() {
        for (text, shown) in [("0.5.7", "0.5.7"), ("2", "2.0.0"), ("1.02", "1.2.0"), ("2026.11.29.1", "2026.11.29.1")] {
            assert_eq!(version(text).to_string(), shown);
        }
        for text in ["", ".", "0.", ".5", "1..2", "0.5.7rc2", "v1", "1.2.3.4.5", "-1", "1 ", "9999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let ordered = ["0.5", "0.5.6", "0.5.6.1", "0.5.10", "0.6", "1"].map(version);
        assert!(ordered.is_sorted() && ordered.windows(2).all(|pair| pair[0].is_before(pair[1])));
        assert!(version("0.5") == version("0.5.0") && !version("0.5").is_before(version("0.5.0")));
    }

    #[test]
    fn a_range_includes_its_first_version_and_excludes_its_end() {
        let middle = Versions::of(Some("LMCache 0.5.6"), Some("LMCache 0.5.8"));
        let included = ["0.5.5", "0.5.6", "0.5.7", "0.5.7.9", "0.5.8", "1"].map(|text| middle.include(version(text)));
        assert_eq!(included, [false, true, true, true, false, false]);
        assert!(Versions::ALL.include(version("0")) && Versions::ALL.are_all());
    }

    #[test]
    fn a_range_covers_the_ranges_inside_it() {
        let (from, before) = (Versions::of(Some("0.5.7"), None), Versions::of(None, Some("0.6")));
        let both = Versions::of(Some("0.5.7"), Some("0.6"));
        assert!(from.cover(&both) && before.cover(&both) && both.cover(&both) && Versions::ALL.cover(&from));
        assert!(!both.cover(&from) && !from.cover(&before) && !from.cover(&Versions::ALL));
        assert!(!from.cover(&Versions::of(Some("LMCache 0.5.7"), None)), "of another peer");
    }
}
