//! Whether there is a text that a pattern matches and the other rules on it allow.

use std::collections::BTreeSet;

use super::{
    keeping::is_blank,
    pattern::{self, Piece},
};
use crate::model::{Limit, Rule};

/// Why no text that a pattern matches satisfies the other rules. Each is looked at beside the pattern and the prefix.
pub(super) fn why_none(source: &str, rules: &[Rule]) -> Option<String> {
    let prefix = rules.iter().find_map(|rule| match rule {
        Rule::Prefix(prefix) => Some(prefix.as_str()),
        _ => None,
    });
    let prefix = prefix.unwrap_or_default();
    let pieces = pattern::pieces(source);
    let rests = rests(&pieces, prefix);
    if rests.is_empty() {
        return Some(format!("no text that begins with {prefix:?} matches the pattern"));
    }
    rules.iter().find_map(|rule| match rule {
        Rule::Length(limit, size) => why_not_of_length(*limit, *size, prefix.chars().count(), &rests),
        Rule::Trimmed if prefix.is_empty() && begins_with_blank(&pieces) => {
            Some("every text that matches the pattern begins with white space".to_owned())
        }
        Rule::Trimmed if rests.iter().all(|rest| ends_with_blank(prefix, rest)) => {
            Some("every text that matches the pattern ends with white space".to_owned())
        }
        Rule::NotBlank if prefix.chars().all(is_blank) && rests.iter().flatten().all(is_blank_piece) => {
            Some("every text that matches the pattern is blank".to_owned())
        }
        Rule::MustNotContain(part) if fixed_parts(&pieces).iter().any(|fixed| fixed.contains(part.as_str())) => {
            Some(format!("every text that matches the pattern contains {part:?}"))
        }
        _ => None,
    })
}

fn why_not_of_length(limit: Limit, size: usize, prefix: usize, rests: &[Vec<Piece>]) -> Option<String> {
    let begun = if prefix == 0 { "" } else { " after the prefix" };
    match limit {
        Limit::Least => {
            let longest = |rest: &Vec<Piece>| rest.iter().try_fold(0, |sum, piece| Some(sum + piece.most?));
            let most = rests.iter().map(longest).collect::<Option<Vec<_>>>()?.into_iter().max()?;
            let short = prefix + most < size;
            short.then(|| format!("the pattern allows {most} characters{begun}, and a value has at least {size}"))
        }
        Limit::Most => {
            let shortest = |rest: &Vec<Piece>| rest.iter().map(|piece| piece.least).sum::<usize>();
            let least = rests.iter().map(shortest).min()?;
            let long = prefix + least > size;
            long.then(|| format!("the pattern needs {least} characters{begun}, and a value has at most {size}"))
        }
    }
}

/// What may follow a prefix, one entry for each way in which the pieces match it.
fn rests(pieces: &[Piece], prefix: &str) -> Vec<Vec<Piece>> {
    // A place is the number of a piece and how many of its characters stand there.
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

/// Whether the outermost character is a blank: of the pieces in this order, and of `inside` where they may be empty.
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
    is_blank_outside(rest.iter().rev(), prefix.ends_with(is_blank))
}

/// Parts that every text has, as far as pieces of one character tell.
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

    fn prefix(text: &str) -> Rule {
        Rule::Prefix(text.to_owned())
    }

    fn never(text: &str) -> Rule {
        Rule::MustNotContain(text.to_owned())
    }

    #[test]
    fn rules_that_leave_no_text_are_found() {
        let at_most = |size| Rule::Length(Limit::Most, size);
        let at_least = |size| Rule::Length(Limit::Least, size);
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
            ("x{3}", vec![prefix("abc"), at_most(5)]),
            ("^abc?$", vec![prefix("ab"), at_least(4)]),
            ("^a{3}$", vec![at_most(2)]),
            ("^a{3}$", vec![at_least(4)]),
        ] {
            assert!(why_none(pattern, &rules).is_some(), "{pattern}");
        }
    }

    #[test]
    fn rules_that_leave_a_text_are_left_alone() {
        let at_most = |size| Rule::Length(Limit::Most, size);
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
            ("^[a-z]+$", vec![prefix("abc"), at_most(3)]),
            ("^a *b?$", vec![prefix("a "), Rule::Trimmed]),
        ] {
            assert_eq!(why_none(pattern, &rules), None, "{pattern}");
        }
    }
}
