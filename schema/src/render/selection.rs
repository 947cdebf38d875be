//! Which keys of a type a help text shows.

/// The keys that a page shows.
pub(super) enum Selection<'a> {
    All,
    /// Those whose path ends with these names, or has no others.
    Named {
        names: Vec<&'a str>,
        whole: bool,
    },
}

impl<'a> Selection<'a> {
    /// The selection of a path. The numbers of items in a list are no keys.
    pub(super) fn of(path: &'a str) -> Self {
        let names = path.split('/').filter(|name| !name.is_empty() && name.parse::<usize>().is_err());
        Self::Named { names: names.collect(), whole: path.starts_with('/') }
    }

    /// Whether a key with these names, inside the keys `parents`, is selected by name.
    pub(super) fn names(&self, parents: &[&str], key: &[&str]) -> bool {
        let Self::Named { names, whole } = self else { return false };
        let Some((last, outer)) = names.split_last() else { return false };
        key.contains(last) && if *whole { parents == outer } else { parents.ends_with(outer) }
    }
}
