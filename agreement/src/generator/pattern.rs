//! Strings that match a pattern of the portable subset.

use l2_adapter_rules::Piece;
use l2_adapter_schema::Pattern;

use super::Generator;

impl Generator<'_> {
    /// A string that matches a pattern. If the pattern is not anchored, other text may surround the match.
    pub(super) fn matching(&mut self, pattern: &Pattern) -> String {
        // A repeat without an upper end is limited here: longer ones test nothing new.
        const REPEATS_MORE: usize = 3;
        let Ok(pieces) = pattern.pieces() else { return String::new() };
        let mut text = String::new();
        for piece in pieces {
            if piece == Piece::ANYTHING {
                if self.one_in(3) {
                    text.push_str(&self.free_text(0, 3));
                }
                continue;
            }
            let characters: Vec<char> = piece.characters.ascii().collect();
            for _ in 0..self.random.usize(piece.least..=piece.most.unwrap_or(piece.least + REPEATS_MORE)) {
                text.extend(self.random.choice(&characters));
            }
        }
        text
    }
}
