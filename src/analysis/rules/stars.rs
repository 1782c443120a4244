//! Entries for all names with one beginning: `numpy.core.*`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Beginnings of dotted names with what holds for the names that begin so; the longest that fits counts.
///
/// A beginning that is a whole module (`numpy.core.`) is looked up, because a scan asks for every name that it meets; any
/// other (`numpy.is`) is compared with the name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stars<T> {
    /// Sorted by their text once settled; of equal ones, the first counts.
    modules: Vec<(Arc<str>, T)>,
    /// The longest first once settled.
    others: Vec<(Arc<str>, T)>,
}

impl<T> Default for Stars<T> {
    fn default() -> Self {
        Self { modules: Vec::new(), others: Vec::new() }
    }
}

impl<T> Stars<T> {
    /// Adds `value` for the names that begin with `prefix`. Before anything is found, [`settle`](Self::settle) must follow.
    pub fn push(&mut self, prefix: Arc<str>, value: T) {
        self.list(&prefix).push((prefix, value));
    }

    /// The entries that `prefix` belongs to.
    fn list(&mut self, prefix: &str) -> &mut Vec<(Arc<str>, T)> {
        if prefix.ends_with('.') { &mut self.modules } else { &mut self.others }
    }

    /// Brings the entries into the order in which they are found.
    pub fn settle(&mut self) {
        self.modules.sort_by(|a, b| a.0.cmp(&b.0));
        self.others.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    }

    /// The longest beginning of `name` among the entries, with its value.
    pub fn find<'a>(&'a self, name: &str) -> Option<(&'a str, &'a T)> {
        let module = self.modules_of(name).next();
        let other = self.others.iter().find(|(prefix, _)| name.starts_with(&**prefix)).map(|(prefix, value)| (&**prefix, value));
        match (module, other) {
            (Some(a), Some(b)) => Some(if a.0.len() > b.0.len() { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    /// All entries that `name` begins with, the longest first.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a str, &'a T)> + use<'a, T> {
        let mut found: Vec<(&str, &T)> = self.modules_of(name).collect();
        if !self.others.is_empty() {
            found.extend(self.others.iter().filter(|(prefix, _)| name.starts_with(&**prefix)).map(|(prefix, value)| (&**prefix, value)));
            found.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        }
        found.into_iter()
    }

    fn modules_of<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = (&'a str, &'a T)> + use<'a, 'n, T> {
        let dots = name.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.');
        dots.filter_map(move |(dot, _)| {
            let head = &name[..=dot];
            let at = self.modules.partition_point(|(prefix, _)| **prefix < *head);
            self.modules.get(at).filter(|(prefix, _)| **prefix == *head).map(|(prefix, value)| (&**prefix, value))
        })
    }

    /// The value of exactly `prefix`, made by `new` where there is none yet.
    pub fn entry(&mut self, prefix: &str, new: impl FnOnce() -> T) -> &mut T {
        let list = self.list(prefix);
        let at = list.iter().position(|(known, _)| **known == *prefix).unwrap_or_else(|| {
            list.push((prefix.into(), new()));
            list.len() - 1
        });
        &mut list[at].1
    }

    /// The same beginnings with what `change` makes of their values.
    pub fn map<U>(&self, change: impl Fn(&T) -> U) -> Stars<U> {
        let each = |list: &[(Arc<str>, T)]| list.iter().map(|(prefix, value)| (Arc::clone(prefix), change(value))).collect();
        Stars { modules: each(&self.modules), others: each(&self.others) }
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = &(Arc<str>, T)> {
        self.modules.iter().chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_counts_and_the_first_of_equal_ones() {
        let mut stars = Stars::default();
        for (value, prefix) in ["a.", "a.b.", "a.b.", "a.bc", "b.c.d.", "a.b.x"].into_iter().enumerate() {
            stars.push(prefix.into(), value);
        }
        stars.settle();
        let find = |name: &str| stars.find(name).map(|(_, value)| *value);
        assert_eq!(find("a.x"), Some(0));
        assert_eq!(find("a.b.c.d"), Some(1));
        assert_eq!(find("a.bcd"), Some(3));
        assert_eq!(find("a.b.xy.z"), Some(5));
        assert_eq!(find("b.c"), None);
        assert_eq!(find("b.c.d"), None);
        assert_eq!(find("b.c.d.e"), Some(4));
        assert_eq!(find("a"), None);
        assert_eq!(stars.all("a.b.x").map(|(_, value)| *value).collect::<Vec<_>>(), [5, 1, 0]);
    }
}
