//! Strings that match a pattern of the portable subset (see [`crate::Pattern`]), for examples. This is no matcher: what
//! comes out is tried against the pattern by whoever asked.

/// Strings that should match `pattern`, at least `min_length` characters long where the pattern allows; another `nth`
/// gives others where it allows.
pub(super) fn pattern_texts(pattern: &str, min_length: usize, nth: usize) -> Vec<String> {
    let pieces = pieces(pattern);
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

/// One literal or class, and how often it may stand.
struct Piece {
    characters: Vec<char>,
    min: usize,
    max: usize,
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

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut rest = pattern.strip_prefix('^').unwrap_or(pattern).chars().collect::<Vec<_>>().into_iter().peekable();
    let mut pieces: Vec<Piece> = Vec::new();
    while let Some(character) = rest.next() {
        let characters = match character {
            '[' => class(&mut rest),
            '\\' => Vec::from_iter(rest.next()),
            // Only the last character of a pattern may be an anchor.
            '$' if rest.peek().is_none() => break,
            literal => vec![literal],
        };
        let (min, max) = repeats(&mut rest);
        pieces.push(Piece { characters, min, max });
    }
    pieces
}

type Characters = std::iter::Peekable<std::vec::IntoIter<char>>;

/// The characters of a class, letters and digits first: they read best.
fn class(rest: &mut Characters) -> Vec<char> {
    let mut characters = Vec::new();
    while let Some(character) = rest.next().filter(|character| *character != ']') {
        let first = if character == '\\' { rest.next().unwrap_or(character) } else { character };
        if rest.peek() != Some(&'-') {
            characters.push(first);
            continue;
        }
        rest.next();
        match rest.next() {
            None | Some(']') => {
                characters.extend([first, '-']);
                break;
            }
            Some('\\') => characters.extend(first..=rest.next().unwrap_or(first)),
            Some(last) => characters.extend(first..=last),
        }
    }
    characters.sort_by_key(|character| (!character.is_ascii_lowercase(), !character.is_ascii_alphanumeric()));
    characters
}

/// How often the piece before may stand; an open end is cut to a length that reads well.
fn repeats(rest: &mut Characters) -> (usize, usize) {
    const MANY: usize = 64;
    let bounds = match rest.peek() {
        Some('?') => (0, 1),
        Some('*') => (0, MANY),
        Some('+') => (1, MANY),
        Some('{') => {
            let inside: String = rest.by_ref().skip(1).take_while(|character| *character != '}').collect();
            let (min, max) = inside.split_once(',').unwrap_or((&inside, &inside));
            let min = min.trim().parse().unwrap_or(0);
            return (min, max.trim().parse().unwrap_or(MANY.max(min)));
        }
        _ => return (1, 1),
    };
    rest.next();
    bounds
}
