//! Rules on the entries of lists and maps.

use serde_json::Value;

use super::{Rule, Violation};
use crate::{equality, fault::FaultCode};

impl Rule {
    /// Whether a list or map with this many entries keeps this rule.
    #[inline]
    pub(crate) fn accepts_count(&self, count: usize) -> bool {
        match *self {
            Rule::MinItems(min) => count >= min,
            Rule::MaxItems(max) => count <= max,
            _ => true,
        }
    }

    /// What a list or map with too few or too many entries is told.
    pub(crate) fn count_violation(&self, count: usize) -> Violation {
        let expected = self.describe();
        Violation {
            code: FaultCode::ItemCount,
            message: match self {
                Rule::MinItems(1) => "must not be empty".to_owned(),
                _ => format!("must have {expected}, has {count}"),
            },
            expected,
            suggestion: None,
        }
    }
}

/// The index of the first item that equals an earlier one, and the earlier one's index.
///
/// Short lists are compared pair by pair, without an allocation; long ones through a sorted index, so that a list of a
/// million items takes no quadratic time.
pub(crate) fn first_repeated(items: &[Value]) -> Option<(usize, usize)> {
    const PAIRWISE_ITEMS_MAX: usize = 32;
    if items.len() <= PAIRWISE_ITEMS_MAX {
        return (1..items.len()).find_map(|later| {
            (0..later)
                .find(|&earlier| equality::json_equal(&items[earlier], &items[later]))
                .map(|earlier| (later, earlier))
        });
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&left, &right| equality::json_order(&items[left], &items[right]).then(left.cmp(&right)));
    order
        .windows(2)
        .filter(|pair| equality::json_equal(&items[pair[0]], &items[pair[1]]))
        .map(|pair| (pair[1], pair[0]))
        .min()
}
