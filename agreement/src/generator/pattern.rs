//! Strings that match a pattern of the portable subset.

use super::Generator;

/// One literal or class of a pattern, and how often it stands.
struct Atom {
    characters: Vec<char>,
    least: usize,
    most: usize,
}

impl Generator<'_> {
    /// A string that matches a pattern. Where the pattern is not anchored, more may stand around the match.
    pub(super) fn matching(&mut self, source: &str) -> String {
        let atoms = atoms(source);
        let mut text = String::new();
        if !source.starts_with('^') && self.one_in(3) {
            text.push_str(&self.free_text(0, 3));
        }
        for atom in &atoms {
            for _ in 0..self.random.usize(atom.least..=atom.most) {
                text.extend(self.pick(&atom.characters));
            }
        }
        let is_anchored = source.ends_with('$') && !source.ends_with("\\$");
        if !is_anchored && self.one_in(3) {
            text.push_str(&self.free_text(0, 3));
        }
        text
    }
}

fn atoms(source: &str) -> Vec<Atom> {
    // A repeat without an upper end is cut here: longer ones say nothing new.
    const REPEATS_MORE: usize = 3;
    let mut atoms: Vec<Atom> = Vec::new();
    let mut rest = source.strip_prefix('^').unwrap_or(source).chars().peekable();
    while let Some(character) = rest.next() {
        let bounds = match character {
            '?' => Some((0, 1)),
            '*' => Some((0, REPEATS_MORE)),
            '+' => Some((1, 1 + REPEATS_MORE)),
            '{' => Some(counts(&rest.by_ref().take_while(|next| *next != '}').collect::<String>(), REPEATS_MORE)),
            _ => None,
        };
        if let (Some((least, most)), Some(atom)) = (bounds, atoms.last_mut()) {
            (atom.least, atom.most) = (least, most);
            continue;
        }
        let characters = match character {
            '[' => class(&mut rest),
            '\\' => rest.next().into_iter().collect(),
            '$' if rest.peek().is_none() => continue,
            literal => vec![literal],
        };
        atoms.push(Atom { characters, least: 1, most: 1 });
    }
    atoms
}

/// `3` or `2,5` or `2,`.
fn counts(text: &str, more: usize) -> (usize, usize) {
    let (least, most) = text.split_once(',').unwrap_or((text, text));
    let least = least.parse().unwrap_or(0);
    (least, most.parse().unwrap_or(least + more))
}

/// The characters of a class whose opening bracket was read.
fn class(rest: &mut impl Iterator<Item = char>) -> Vec<char> {
    let mut characters = Vec::new();
    let mut range_from = None;
    while let Some(character) = rest.next() {
        let character = match character {
            ']' => break,
            '-' if range_from.is_none() && !characters.is_empty() => {
                range_from = characters.last().copied();
                continue;
            }
            '\\' => rest.next().unwrap_or('\\'),
            other => other,
        };
        match range_from.take() {
            Some(first) => characters.extend(first..=character),
            None => characters.push(character),
        }
    }
    // A hyphen that stood last means itself.
    characters.extend(range_from.map(|_| '-'));
    characters
}
