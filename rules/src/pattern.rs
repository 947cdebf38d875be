//! Patterns: the subset of regular expressions that Rust, ECMAScript and Python read alike.
//!
//! A pattern is a sequence of ASCII literals, `\`-escaped punctuation and classes such as `[A-Za-z0-9_-]`, each followed
//! by at most one of `?`, `*`, `+`, `{n}`, `{n,m}`; `^` may be first and `$` last. There are no groups, alternatives,
//! `.`, shorthand or negated classes: the dialects disagree on some of them, and without nesting no input makes a
//! backtracking matcher explode. The derive refuses everything else at compile time.

use std::sync::OnceLock;

use regex_lite::Regex;

use crate::BLANK;

/// The most repeats of `{n}`: engines refuse more, or compile them slowly.
const REPEATS_MAX: u32 = 1000;

/// A pattern of a table. It is compiled once, when it is first matched.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern, which the derive has checked to be in the portable subset.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The pattern as it was written.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The pattern as a sequence of pieces.
    ///
    /// # Errors
    ///
    /// The reason, if the pattern is not in the portable subset.
    pub fn pieces(&self) -> Result<Pieces, String> {
        let mut scanner = Scanner::new(self.source);
        scanner.sequence()?;
        Ok(Pieces { starts: self.source.starts_with('^'), pieces: scanner.pieces, ends: scanner.ends })
    }

    /// Whether the pattern matches somewhere in `text`. An invalid pattern matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| Regex::new(self.source).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pieces {
    /// Whether the pattern begins with `^`.
    pub starts: bool,
    /// The pieces of a matching text, in order.
    pub pieces: Vec<Piece>,
    /// Whether the pattern ends with `$`. Python's also matches before a final line feed.
    pub ends: bool,
}

impl Pieces {
    /// The pieces of a whole text, those that the pattern does not mention included.
    pub fn whole(self) -> Vec<Piece> {
        let before = (!self.starts).then_some(Piece::ANYTHING);
        let after = (!self.ends).then_some(Piece::ANYTHING);
        before.into_iter().chain(self.pieces).chain(after).collect()
    }
}

/// The message about a construct that engines read differently.
fn not_portable(what: &str) -> String {
    format!(
        "{what} not portable: patterns have only ASCII characters, classes and repeats, which every engine reads alike"
    )
}

/// Some of the characters, repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Which characters.
    pub characters: Characters,
    /// The smallest number.
    pub least: usize,
    /// How many there are at most.
    pub most: Option<usize>,
}

impl Piece {
    /// The text that a pattern allows where it is not anchored.
    const ANYTHING: Self = Self { characters: Characters::ALL, least: 0, most: None };
}

/// A set of characters: some of ASCII, and either all or no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Characters {
    ascii: u128,
    others: bool,
}

impl Characters {
    const NONE: Self = Self { ascii: 0, others: false };
    const ALL: Self = Self { ascii: u128::MAX, others: true };

    fn insert(&mut self, character: char) {
        self.ascii |= bit(character);
    }

    /// Whether a character is one of them.
    pub fn contains(self, character: char) -> bool {
        if character.is_ascii() { self.ascii & bit(character) != 0 } else { self.others }
    }

    /// Those of ASCII.
    pub fn ascii(self) -> impl Iterator<Item = char> {
        ('\0'..='\x7f').filter(move |character| self.contains(*character))
    }

    /// Whether every one is a blank.
    pub fn are_blank(self) -> bool {
        !self.others && self.ascii().all(|character| BLANK.contains(&character))
    }

    /// The only one, if there is one.
    pub fn single(self) -> Option<char> {
        let one = !self.others && self.ascii.count_ones() == 1;
        one.then(|| char::from(self.ascii.trailing_zeros() as u8))
    }
}

const fn bit(character: char) -> u128 {
    if character.is_ascii() { 1 << character as u32 } else { 0 }
}

struct Scanner<'a> {
    rest: &'a str,
    pieces: Vec<Piece>,
    /// Whether the pattern ends with `$`.
    ends: bool,
}

impl From<char> for Characters {
    fn from(character: char) -> Self {
        Self { ascii: bit(character), others: !character.is_ascii() }
    }
}

impl<'a> Scanner<'a> {
    const fn new(pattern: &'a str) -> Self {
        Self { rest: pattern, pieces: Vec::new(), ends: false }
    }

    fn sequence(&mut self) -> Result<(), String> {
        self.take('^');
        while let Some(character) = self.next() {
            let characters = match character {
                '$' if self.rest.is_empty() => {
                    self.ends = true;
                    return Ok(());
                }
                '$' => return Err("`$` is allowed at the end only".to_owned()),
                '^' => return Err("`^` is allowed at the beginning only".to_owned()),
                '[' => self.class()?,
                '\\' => self.escape()?.into(),
                '(' | ')' => return Err(not_portable("groups are")),
                '|' => return Err(not_portable("alternatives are")),
                '.' => return Err(format!("{}; a full stop is `\\.`", not_portable("`.` is"))),
                '?' | '*' | '+' | '{' => return Err(format!("`{character}` repeats nothing")),
                ']' | '}' => return Err(format!("`{character}` must be written `\\{character}`")),
                other => literal(other)?.into(),
            };
            let (least, most) = self.repeat()?;
            self.pieces.push(Piece { characters, least, most });
        }
        Ok(())
    }

    fn class(&mut self) -> Result<Characters, String> {
        if self.rest.starts_with('^') {
            return Err(not_portable("negated classes are"));
        }
        let mut characters = Characters::NONE;
        let mut members = 0;
        loop {
            let low = match self.next() {
                None => return Err("a class is not closed: `]` is missing".to_owned()),
                Some(']') if members > 0 => return Ok(characters),
                Some(']') => return Err("a class is empty".to_owned()),
                Some(character) => self.member(character, members)?,
            };
            members += 1;
            characters.insert(low);
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.next();
                let high = match self.next() {
                    None => return Err("a class is not closed: `]` is missing".to_owned()),
                    Some(character) => self.member(character, members)?,
                };
                let same_kind = [char::is_ascii_lowercase, char::is_ascii_uppercase, |c: &char| c.is_ascii_digit()]
                    .iter()
                    .any(|kind| kind(&low) && kind(&high));
                if low > high || !same_kind {
                    return Err(format!("`{low}-{high}` is not a range of letters or digits"));
                }
                (low..=high).for_each(|character| characters.insert(character));
            }
        }
    }

    /// One character of a class.
    fn member(&mut self, character: char, members: usize) -> Result<char, String> {
        match character {
            '\\' => self.escape(),
            // Doubled, these are set operations in some engines; a `-` inside is a range.
            '[' | '&' | '~' | '^' => Err(format!("`{character}` in a class must be written `\\{character}`")),
            '-' if members > 0 && !self.rest.starts_with(']') => {
                Err("`-` in a class must be first or last, or be written `\\-`".to_owned())
            }
            other => literal(other),
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        match self.next() {
            Some(character) if "^$\\.*+?()[]{}|/-&~".contains(character) => Ok(character),
            Some(character) => Err(not_portable(&format!("`\\{character}` is"))),
            None => Err("`\\` escapes nothing".to_owned()),
        }
    }

    /// The repeats of the preceding piece: at least, and at most if there is a limit.
    fn repeat(&mut self) -> Result<(usize, Option<usize>), String> {
        let counts = match self.rest.chars().next() {
            Some('{') => {
                self.next();
                self.counts()?
            }
            Some(sign @ ('?' | '*' | '+')) => {
                self.next();
                (usize::from(sign == '+'), (sign == '?').then_some(1))
            }
            _ => return Ok((1, Some(1))),
        };
        if self.rest.starts_with(['?', '*', '+', '{']) {
            return Err("a repeat cannot be repeated or made lazy".to_owned());
        }
        Ok(counts)
    }

    /// `n}` or `n,m}`.
    fn counts(&mut self) -> Result<(usize, Option<usize>), String> {
        let Some((counts, rest)) = self.rest.split_once('}') else {
            return Err("a repeat is not closed: `}` is missing".to_owned());
        };
        self.rest = rest;
        let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
        let count = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|count| plain && *count <= REPEATS_MAX)
        };
        match (count(least), count(most)) {
            (Some(least), Some(most)) if least <= most => Ok((least as usize, Some(most as usize))),
            (Some(least), Some(most)) => {
                Err(format!("`{{{least},{most}}}` repeats at least {least} and at most {most} times"))
            }
            _ => Err(format!("`{{{counts}}}` must be {{n}} or {{n,m}} with numbers up to {REPEATS_MAX}")),
        }
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn take(&mut self, character: char) {
        self.rest = self.rest.strip_prefix(character).unwrap_or(self.rest);
    }
}

fn literal(character: char) -> Result<char, String> {
    if character == ' ' || character.is_ascii_graphic() {
        return Ok(character);
    }
    Err(not_portable(&format!("{character:?} is")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(pattern: &str) -> Result<(), String> {
        Scanner::new(pattern).sequence()
    }

    #[test]
    fn the_portable_subset_is_accepted_and_compiles_in_the_engine() {
        let patterns = [
            "",
            "a",
            "^a$",
            "^[a-z][A-Z0-9_-]*$",
            "a?b+c*",
            "[a-z]{1,63}",
            "a{0,1000}",
            r"\.\$\^\[",
            r"[\]\-a]",
            "[-a]",
            "[.$*+?(){}|]",
            r"^/dev/[a-z]+$",
            "a b",
            "=:,;<>!@#%",
            r"\/\&\~\-",
        ];
        for pattern in patterns {
            assert_eq!(scanned(pattern), Ok(()), "{pattern}");
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_are_invalid_or_that_engines_read_differently_are_refused() {
        let patterns = [
            "(a)",
            "(?i)a",
            "a|b",
            "a.b",
            r"\d",
            r"\w",
            r"\s",
            r"\b",
            r"\n",
            "[^a]",
            "a*?",
            "a**",
            "é",
            "[é]",
            "\t",
            "[[:alpha:]]",
            "[a&&b]",
            "[a-Z]",
            "[+--]",
            r"\u{41}",
            r"\x41",
            "[a~~b]",
            "[^]",
            "a{,3}",
            "a{2,}",
        ];
        let invalid = [
            "[", "[a", "[]", "]", "a{", "a{1", "a{1,", "a{3,2}", "a{1001}", "a{x}", "a{+1}", "*a", "^*", "a^", "$a",
            r"\", "}",
        ];
        for pattern in patterns.into_iter().chain(invalid) {
            assert!(scanned(pattern).is_err(), "{pattern}");
        }
    }
}
