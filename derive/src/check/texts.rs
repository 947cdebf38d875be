//! Whether there is a text that a pattern matches and the other rules on it allow.

use std::collections::BTreeSet;

use l2_adapter_rules::{BLANK, Pattern, Piece};

use crate::model::Rule;

/// Why no text that a pattern matches satisfies the other rules. Each is checked together with the pattern and the prefix.
pub(super) fn why_none(pattern: &Pattern, rules: &[Rule]) -> Option<String> {
    let prefix = rules.iter().find_map(|rule| if let Rule::Prefix(prefix) = rule { Some(*prefix) } else { None });
    let prefix = prefix.unwrap_or_default();
    let pieces = pattern.pieces().ok()?;
    let rests = rests(&pieces, prefix);
    let begun = prefix.chars().count();
    let least = |rest: &Vec<Piece>| begun + rest.iter().map(|piece| piece.least).sum::<usize>();
    let most = |rest: &Vec<Piece>| rest.iter().try_fold(begun, |sum, piece| Some(sum + piece.most?));
    let is_violated = |rule: &&Rule| match rule {
        rule if rests.is_empty() => matches!(rule, Rule::Prefix(_)),
        Rule::MinLength(size) => rests.iter().all(|rest| most(rest).is_some_and(|most| most < *size)),
        Rule::MaxLength(size) => rests.iter().all(|rest| least(rest) > *size),
        Rule::Trimmed => {
            prefix.is_empty() && is_blank_outside(&pieces, false)
                || rests.iter().all(|rest| is_blank_outside(rest.iter().rev(), prefix.ends_with(BLANK)))
        }
        Rule::NotBlank => {
            prefix.chars().all(|character| BLANK.contains(&character)) && rests.iter().flatten().all(is_blank_piece)
        }
        Rule::MustNotContain(part) => fixed_parts(&pieces).iter().any(|fixed| fixed.contains(part)),
        _ => false,
    };
    let violated = rules.iter().find(is_violated)?;
    let begun =
        if prefix.is_empty() || rests.is_empty() { String::new() } else { format!(" and begins with {prefix:?}") };
    Some(format!("no text that matches the pattern{begun} satisfies {violated}"))
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

    #[test]
    fn rules_that_no_text_satisfies_are_found() {
        for (pattern, rules) in [
            ("^a", vec![Rule::Prefix("b")]),
            ("^a$", vec![Rule::Prefix("ab")]),
            ("^a{2}b", vec![Rule::Prefix("aaa")]),
            ("^[a-c]*$", vec![Rule::Prefix("abd")]),
            ("^a?b", vec![Rule::Prefix("aa")]),
            ("^a", vec![Rule::Prefix("é")]),
            ("^ ", vec![Rule::Trimmed]),
            ("^ +a", vec![Rule::Trimmed]),
            (" $", vec![Rule::Trimmed]),
            ("a {2}$", vec![Rule::Trimmed]),
            ("^a *$", vec![Rule::Prefix("a "), Rule::Trimmed]),
            ("^ *$", vec![Rule::NotBlank]),
            ("^$", vec![Rule::NotBlank]),
            ("^a{0}$", vec![Rule::NotBlank]),
            ("^a", vec![Rule::MustNotContain("a")]),
            ("a+b", vec![Rule::MustNotContain("ab")]),
            ("xa{2,3}", vec![Rule::MustNotContain("aa")]),
            ("x{3}", vec![Rule::Prefix("abc"), Rule::MaxLength(5)]),
            ("^abc?$", vec![Rule::Prefix("ab"), Rule::MinLength(4)]),
            ("^a{3}$", vec![Rule::MaxLength(2)]),
            ("^a{3}$", vec![Rule::MinLength(4)]),
        ] {
            assert!(why_none(&Pattern::new(pattern), &rules).is_some(), "{pattern}");
        }
    }

    #[test]
    fn rules_that_some_text_satisfies_are_accepted() {
        for (pattern, rules) in [
            ("a", vec![Rule::Prefix("b")]),
            ("^a", vec![Rule::Prefix("ab")]),
            ("^a{2,3}b", vec![Rule::Prefix("aaa")]),
            ("^a?b", vec![Rule::Prefix("b")]),
            ("^ *", vec![Rule::Trimmed]),
            ("^ *$", vec![Rule::Trimmed]),
            (" ", vec![Rule::Trimmed]),
            ("^[ a]", vec![Rule::Trimmed]),
            ("^ *a?$", vec![Rule::NotBlank]),
            ("^", vec![Rule::NotBlank]),
            ("^a?", vec![Rule::MustNotContain("a")]),
            ("a+b", vec![Rule::MustNotContain("aa")]),
            ("ac?b", vec![Rule::MustNotContain("ab")]),
            ("^[a-z]+$", vec![Rule::Prefix("abc"), Rule::MaxLength(3)]),
            ("^a *b?$", vec![Rule::Prefix("a "), Rule::Trimmed]),
        ] {
            assert_eq!(why_none(&Pattern::new(pattern), &rules), None, "{pattern}");
        }
    }
}
