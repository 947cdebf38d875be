//! Patterns: the subset of regular expressions that Rust, ECMAScript and Python read alike.
//!
//! A pattern is a sequence of ASCII literals, `\`-escaped punctuation and classes such as `[A-Za-z0-9_-]`, each followed
//! by at most one of `?`, `*`, `+`, `{n}`, `{n,m}`; `^` may be first and `$` last. There are no groups, alternatives,
//! `.`, shorthand or negated classes: the dialects disagree on some of them, and without nesting no input makes a
//! backtracking matcher explode. The derive refuses everything else at compile time.

use std::{str::Chars, sync::OnceLock};

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

    /// The pieces of a whole text that matches, those that the pattern does not mention included.
    ///
    /// # Errors
    ///
    /// The reason, if the pattern is not in the portable subset.
    pub fn pieces(&self) -> Result<Vec<Piece>, String> {
        let anchored = self.source.strip_prefix('^');
        let mut scanner = Scanner { rest: anchored.unwrap_or(self.source).chars() };
        let mut pieces = if anchored.is_some() { Vec::new() } else { vec![Piece::ANYTHING] };
        while let Some(character) = scanner.rest.next() {
            let characters = match character {
                '$' if scanner.rest.as_str().is_empty() => return Ok(pieces),
                '$' => return Err("`$` is allowed at the end only".to_owned()),
                '^' => return Err("`^` is allowed at the beginning only".to_owned()),
                '[' => scanner.class()?,
                '\\' => Characters(bit(scanner.escape()?)),
                '(' | ')' => return Err(not_portable("groups are")),
                '|' => return Err(not_portable("alternatives are")),
                '.' => return Err(format!("{}; a full stop is `\\.`", not_portable("`.` is"))),
                '?' | '*' | '+' | '{' => return Err(format!("`{character}` repeats nothing")),
                ']' | '}' => return Err(format!("`{character}` must be written `\\{character}`")),
                other => Characters(bit(literal(other)?)),
            };
            let (least, most) = scanner.repeat()?;
            pieces.push(Piece { characters, least, most });
        }
        pieces.push(Piece::ANYTHING);
        Ok(pieces)
    }

    /// Whether the pattern matches somewhere in `text`. An invalid pattern matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| Regex::new(self.source).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
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
    pub const ANYTHING: Self = Self { characters: Characters(u128::MAX), least: 0, most: None };
}

/// A set of characters of ASCII, a bit each. All of them are all characters: no class lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Characters(u128);

impl Characters {
    /// Whether a character is one of them.
    pub fn contains(self, character: char) -> bool {
        self.0 & bit(character) != 0 || self == Piece::ANYTHING.characters
    }

    /// Those of ASCII.
    pub fn ascii(self) -> impl Iterator<Item = char> {
        ('\0'..='\x7f').filter(move |character| self.contains(*character))
    }

    /// Whether every one is a blank.
    pub fn are_blank(self) -> bool {
        self.ascii().all(|character| BLANK.contains(&character))
    }

    /// The only one, if there is one.
    pub fn single(self) -> Option<char> {
        (self.0.count_ones() == 1).then(|| char::from(self.0.trailing_zeros() as u8))
    }
}

const fn bit(character: char) -> u128 {
    if character.is_ascii() { 1 << character as u32 } else { 0 }
}

struct Scanner<'a> {
    rest: Chars<'a>,
}

impl Scanner<'_> {
    fn is_at(&self, text: &str) -> bool {
        self.rest.as_str().starts_with(text)
    }

    fn class(&mut self) -> Result<Characters, String> {
        if self.is_at("^") {
            return Err(not_portable("negated classes are"));
        }
        let mut characters = 0;
        while let Some(low) = self.member(characters == 0)? {
            characters |= bit(low);
            if self.is_at("-") && !self.is_at("-]") {
                self.rest.next();
                let high = self.member(false)?.unwrap_or(low);
                let same_kind = [char::is_ascii_lowercase, char::is_ascii_uppercase, |c: &char| c.is_ascii_digit()]
                    .iter()
                    .any(|kind| kind(&low) && kind(&high));
                if low > high || !same_kind {
                    return Err(format!("`{low}-{high}` is not a range of letters or digits"));
                }
                characters = (low..=high).fold(characters, |characters, character| characters | bit(character));
            }
        }
        if characters == 0 { Err("a class is empty".to_owned()) } else { Ok(Characters(characters)) }
    }

    /// The next character of a class; `None` at its end.
    fn member(&mut self, is_first: bool) -> Result<Option<char>, String> {
        match self.rest.next() {
            None => Err("a class is not closed: `]` is missing".to_owned()),
            Some(']') => Ok(None),
            Some('\\') => self.escape().map(Some),
            // Doubled, these are set operations in some engines; a `-` inside is a range.
            Some(sign @ ('[' | '&' | '~' | '^')) => Err(format!("`{sign}` in a class must be written `\\{sign}`")),
            Some('-') if !is_first && !self.is_at("]") => {
                Err("`-` in a class must be first or last, or be written `\\-`".to_owned())
            }
            Some(other) => literal(other).map(Some),
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        match self.rest.next() {
            Some(character) if "^$\\.*+?()[]{}|/-&~".contains(character) => Ok(character),
            Some(character) => Err(not_portable(&format!("`\\{character}` is"))),
            None => Err("`\\` escapes nothing".to_owned()),
        }
    }

    /// The repeats of the preceding piece: at least, and at most if there is a limit.
    fn repeat(&mut self) -> Result<(usize, Option<usize>), String> {
        let counts = match self.rest.clone().next() {
            Some('{') => {
                self.rest.next();
                self.counts()?
            }
            Some(sign @ ('?' | '*' | '+')) => {
                self.rest.next();
                (usize::from(sign == '+'), (sign == '?').then_some(1))
            }
            _ => return Ok((1, Some(1))),
        };
        if self.rest.as_str().starts_with(['?', '*', '+', '{']) {
            return Err("a repeat cannot be repeated or made lazy".to_owned());
        }
        Ok(counts)
    }

    /// `n}` or `n,m}`.
    fn counts(&mut self) -> Result<(usize, Option<usize>), String> {
        let Some((counts, rest)) = self.rest.as_str().split_once('}') else {
            return Err("a repeat is not closed: `}` is missing".to_owned());
        };
        self.rest = rest.chars();
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
            assert!(Pattern::new(pattern).pieces().is_ok(), "{pattern}");
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
            assert!(Pattern::new(pattern).pieces().is_err(), "{pattern}");
        }
    }
}
