//! Whether there is a text that a pattern matches and the other rules on it allow.

use std::collections::BTreeSet;

use l2_adapter_rules::{BLANK, Pattern, Piece, counted};

use crate::model::Rule;

/// Why no text that a pattern matches satisfies the other rules. Each is checked together with the pattern and the prefix.
pub(super) fn why_none(pattern: &Pattern, rules: &[Rule]) -> Option<String> {
    let prefix = rules.iter().find_map(|rule| match rule {
        Rule::Prefix(prefix) => Some(*prefix),
        _ => None,
    });
    let prefix = prefix.unwrap_or_default();
    let pieces = pattern.pieces().ok()?.whole();
    let rests = rests(&pieces, prefix);
    if rests.is_empty() {
        return Some(format!("no text that begins with {prefix:?} matches the pattern"));
    }
    rules.iter().find_map(|rule| match rule {
        Rule::MinLength(size) => why_too_short(*size, prefix.chars().count(), &rests),
        Rule::MaxLength(size) => why_too_long(*size, prefix.chars().count(), &rests),
        Rule::Trimmed if prefix.is_empty() && begins_with_blank(&pieces) => {
            Some("every text that matches the pattern begins with white space".to_owned())
        }
        Rule::Trimmed if rests.iter().all(|rest| ends_with_blank(prefix, rest)) => {
            Some("every text that matches the pattern ends with white space".to_owned())
        }
        Rule::NotBlank
            if prefix.chars().all(|character| BLANK.contains(&character))
                && rests.iter().flatten().all(is_blank_piece) =>
        {
            Some("every text that matches the pattern is blank".to_owned())
        }
        Rule::MustNotContain(part) if fixed_parts(&pieces).iter().any(|fixed| fixed.contains(part)) => {
            Some(format!("every text that matches the pattern contains {part:?}"))
        }
        _ => None,
    })
}

fn why_too_short(size: usize, prefix: usize, rests: &[Vec<Piece>]) -> Option<String> {
    let longest = |rest: &Vec<Piece>| rest.iter().try_fold(0, |sum, piece| Some(sum + piece.most?));
    let most = rests.iter().map(longest).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let begun = begun(prefix);
    let is_short = prefix + most < size;
    is_short
        .then(|| format!("the pattern allows {}{begun}, and a value has at least {size}", counted(most, "character")))
}

fn why_too_long(size: usize, prefix: usize, rests: &[Vec<Piece>]) -> Option<String> {
    let shortest = |rest: &Vec<Piece>| rest.iter().map(|piece| piece.least).sum::<usize>();
    let least = rests.iter().map(shortest).min()?;
    let begun = begun(prefix);
    let is_long = prefix + least > size;
    is_long.then(|| format!("the pattern needs {}{begun}, and a value has at most {size}", counted(least, "character")))
}

fn begun(prefix: usize) -> &'static str {
    if prefix == 0 { "" } else { " after the prefix" }
}

/// What may follow a prefix, one entry for each way in which the pieces match it.
fn rests(pieces: &[Piece], prefix: &str) -> Vec<Vec<Piece>> {
    // A place is the index of a piece and the number of its characters so far.
    let mut places = BTreeSet::from([(0, 0)]);
    for character in prefix.chars() {
        places = places.into_iter().flat_map(|place| reached(pieces, place, character)).collect();
    }
    let rest = |(number, used): (usize, usize)| {
        let left = |piece: &Piece| Piece {
            least: piece.least.saturating_sub(used),
            most: piece.most.map(|most| most.saturating_sub(used)),
            ..*piece
        };
        pieces.get(number).map(left).into_iter().chain(pieces.iter().skip(number + 1).copied()).collect()
    };
    places.into_iter().map(rest).collect()
}

/// The places after one character more.
fn reached(pieces: &[Piece], (number, used): (usize, usize), character: char) -> Vec<(usize, usize)> {
    let mut reached = Vec::new();
    let mut used = used;
    for (number, piece) in pieces.iter().enumerate().skip(number) {
        if piece.most.is_none_or(|most| used < most) && piece.characters.contains(character) {
            // Where any number may follow, no more than the least need be counted.
            reached.push((number, if piece.most.is_none() { (used + 1).min(piece.least) } else { used + 1 }));
        }
        if used < piece.least {
            break;
        }
        used = 0;
    }
    reached
}

/// Whether a piece adds nothing but blanks.
fn is_blank_piece(piece: &Piece) -> bool {
    piece.most == Some(0) || piece.characters.are_blank()
}

/// Whether the outermost character is a blank: of the pieces in this order, and of `inside` if they may be empty.
fn is_blank_outside<'a>(pieces: impl IntoIterator<Item = &'a Piece>, inside: bool) -> bool {
    for piece in pieces {
        if !is_blank_piece(piece) {
            return false;
        }
        if piece.least > 0 {
            return true;
        }
    }
    inside
}

fn begins_with_blank(pieces: &[Piece]) -> bool {
    is_blank_outside(pieces, false)
}

fn ends_with_blank(prefix: &str, rest: &[Piece]) -> bool {
    is_blank_outside(rest.iter().rev(), prefix.ends_with(BLANK))
}

/// Parts that every text has, as far as pieces of one character show.
fn fixed_parts(pieces: &[Piece]) -> Vec<String> {
    let mut parts = vec![String::new()];
    for piece in pieces {
        let Some(character) = piece.characters.single() else {
            parts.push(String::new());
            continue;
        };
        let repeated = character.to_string().repeat(piece.least);
        if let Some(part) = parts.last_mut() {
            part.push_str(&repeated);
        }
        if piece.most != Some(piece.least) {
            parts.push(repeated);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &'static str) -> Rule {
        Rule::Prefix(text)
    }

    fn never(text: &'static str) -> Rule {
        Rule::MustNotContain(text)
    }

    #[test]
    fn rules_that_no_text_satisfies_are_found() {
        for (pattern, rules) in [
            ("^a", vec![prefix("b")]),
            ("^a$", vec![prefix("ab")]),
            ("^a{2}b", vec![prefix("aaa")]),
            ("^[a-c]*$", vec![prefix("abd")]),
            ("^a?b", vec![prefix("aa")]),
            ("^a", vec![prefix("é")]),
            ("^ ", vec![Rule::Trimmed]),
            ("^ +a", vec![Rule::Trimmed]),
            (" $", vec![Rule::Trimmed]),
            ("a {2}$", vec![Rule::Trimmed]),
            ("^a *$", vec![prefix("a "), Rule::Trimmed]),
            ("^ *$", vec![Rule::NotBlank]),
            ("^$", vec![Rule::NotBlank]),
            ("^a{0}$", vec![Rule::NotBlank]),
            ("^a", vec![never("a")]),
            ("a+b", vec![never("ab")]),
            ("xa{2,3}", vec![never("aa")]),
            ("x{3}", vec![prefix("abc"), Rule::MaxLength(5)]),
            ("^abc?$", vec![prefix("ab"), Rule::MinLength(4)]),
            ("^a{3}$", vec![Rule::MaxLength(2)]),
            ("^a{3}$", vec![Rule::MinLength(4)]),
        ] {
            assert!(why_none(&Pattern::new(pattern), &rules).is_some(), "{pattern}");
        }
    }

    #[test]
    fn rules_that_some_text_satisfies_are_accepted() {
        for (pattern, rules) in [
            ("a", vec![prefix("b")]),
            ("^a", vec![prefix("ab")]),
            ("^a{2,3}b", vec![prefix("aaa")]),
            ("^a?b", vec![prefix("b")]),
            ("^ *", vec![Rule::Trimmed]),
            ("^ *$", vec![Rule::Trimmed]),
            (" ", vec![Rule::Trimmed]),
            ("^[ a]", vec![Rule::Trimmed]),
            ("^ *a?$", vec![Rule::NotBlank]),
            ("^", vec![Rule::NotBlank]),
            ("^a?", vec![never("a")]),
            ("a+b", vec![never("aa")]),
            ("ac?b", vec![never("ab")]),
            ("^[a-z]+$", vec![prefix("abc"), Rule::MaxLength(3)]),
            ("^a *b?$", vec![prefix("a "), Rule::Trimmed]),
        ] {
            assert_eq!(why_none(&Pattern::new(pattern), &rules), None, "{pattern}");
        }
    }
}
