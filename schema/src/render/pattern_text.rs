//! Strings that match a pattern of the portable subset (see [`crate::Pattern`]), for examples. This is no matcher: what
//! comes out is tried against the pattern by the caller.

use l2_adapter_rules::Pattern;

/// Strings that should match `pattern`, at least `min_length` characters long where the pattern allows; another `nth`
/// gives others where it allows.
pub(super) fn pattern_texts(pattern: &Pattern, min_length: usize, nth: usize) -> Vec<String> {
    let pieces: Vec<Piece> =
        pattern.pieces().map(|read| read.pieces.into_iter().map(Piece::from).collect()).unwrap_or_default();
    let mut counts: Vec<usize> = pieces.iter().map(|piece| piece.min).collect();
    let shortest = spelled(&pieces, &counts, nth);
    for (piece, count) in pieces.iter().zip(&mut counts) {
        *count = piece.max.min((*count).max(1));
    }
    let usual = spelled(&pieces, &counts, nth);
    for index in 0..pieces.len() {
        let length: usize = counts.iter().sum();
        if length < min_length {
            counts[index] = pieces[index].max.min(counts[index] + min_length - length);
        }
    }
    vec![usual, shortest, spelled(&pieces, &counts, nth)]
}

/// One literal or class, letters and digits first, since they read best, and how often it may be there.
struct Piece {
    characters: Vec<char>,
    min: usize,
    max: usize,
}

impl From<l2_adapter_rules::Piece> for Piece {
    fn from(piece: l2_adapter_rules::Piece) -> Self {
        /// Where an open end is cut, to a length that reads well.
        const MANY: usize = 64;
        let mut characters: Vec<char> = piece.characters.ascii().collect();
        characters.sort_by_key(|character| (!character.is_ascii_lowercase(), !character.is_ascii_alphanumeric()));
        Self { characters, min: piece.least, max: piece.most.unwrap_or(MANY.max(piece.least)) }
    }
}

/// The string in which each piece stands as often as its count says. `nth` is spent on the classes, like the digits of a
/// number.
fn spelled(pieces: &[Piece], counts: &[usize], nth: usize) -> String {
    let mut rest = nth;
    let mut text = String::new();
    for (piece, count) in pieces.iter().zip(counts) {
        for _ in 0..*count {
            let size = piece.characters.len().max(1);
            text.extend(piece.characters.get(rest % size));
            rest /= size;
        }
    }
    text
}
