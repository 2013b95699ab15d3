//! Sorted rows joined with sorted rows, one at a time: memory does not grow with the files.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::vec;

use crate::domain::batch::Mode;
use crate::store::error::StoreError;
use crate::store::files::StoredRows;
use crate::store::rows::Row;

/// A file's rows with changes applied: copy-on-write.
///
/// In a table with unique rows, all changes of one key are joined to its row one after the other, in the order in
/// which they came; a row that readers have seen and that got pieces added is raised by one revision, however many.
/// In a table without, changes become rows of their own.
pub(crate) struct Amended<R: Row, I: Iterator<Item = Result<R, StoreError>>> {
    old: Peekable<I>,
    changes: Peekable<vec::IntoIter<(R, Mode)>>,
    unique: bool,
}

/// `old`, which is sorted by key, with `changes`, which come in any order.
pub(crate) fn amend<R: Row, I: Iterator<Item = Result<R, StoreError>>>(
    old: I,
    mut changes: Vec<(R, Mode)>,
    unique: bool,
) -> Amended<R, I> {
    // Stable: changes of one key keep their order.
    changes.sort_by_cached_key(|(row, _)| row.key());
    Amended { old: old.peekable(), changes: changes.into_iter().peekable(), unique }
}

impl<R: Row, I: Iterator<Item = Result<R, StoreError>>> Iterator for Amended<R, I> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let order = match (self.old.peek(), self.changes.peek()) {
            (Some(Err(_)), _) | (_, None) => return self.old.next(),
            (None, Some(_)) => Ordering::Greater,
            (Some(Ok(old)), Some((change, _))) => old.key().cmp(&change.key()),
        };
        if order.is_lt() || (order.is_eq() && !self.unique) {
            return self.old.next();
        }
        let published = if order.is_eq() { self.old.next()?.ok() } else { None };
        let was_published = published.is_some();
        let mut row = match published {
            Some(row) => row,
            None => self.changes.next()?.0,
        };
        let key = row.key();
        let mut was_added_to = false;
        while let Some((change, mode)) = self.changes.next_if(|(change, _)| self.unique && change.key() == key) {
            row.join(&change, mode);
            was_added_to |= mode == Mode::Add;
        }
        if was_published && was_added_to {
            row.raise_revision();
        }
        Some(Ok(row))
    }
}

/// The rows of several sorted files as one sorted run; of equal keys the earlier file's come first.
pub(crate) struct Merged<R: Row> {
    files: Vec<StoredRows<R>>,
    heads: BinaryHeap<Reverse<Head<R>>>,
    error: Option<StoreError>,
}

struct Head<R: Row> {
    key: R::Key,
    file: usize,
    row: R,
}

impl<R: Row> PartialEq for Head<R> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<R: Row> Eq for Head<R> {}

impl<R: Row> PartialOrd for Head<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R: Row> Ord for Head<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.key, self.file).cmp(&(&other.key, other.file))
    }
}

/// Merges `files`, each sorted by key.
pub(crate) fn merge<R: Row>(files: Vec<StoredRows<R>>) -> Merged<R> {
    let mut merged = Merged { heads: BinaryHeap::with_capacity(files.len()), files, error: None };
    for file in 0..merged.files.len() {
        merged.pull(file);
    }
    merged
}

impl<R: Row> Merged<R> {
    fn pull(&mut self, file: usize) {
        match self.files[file].next() {
            Some(Ok(row)) => self.heads.push(Reverse(Head { key: row.key(), file, row })),
            Some(Err(error)) => self.error = Some(error),
            None => {}
        }
    }
}

impl<R: Row> Iterator for Merged<R> {
    type Item = Result<R, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.error.take() {
            self.heads.clear();
            return Some(Err(error));
        }
        let Reverse(head) = self.heads.pop()?;
        self.pull(head.file);
        Some(Ok(head.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::Sample;
    use crate::domain::time::Minute;
    use proptest::prelude::*;

    fn row(channel: u8, minute: u32, requests: u64, revision: u32) -> Sample {
        let name = char::from(b'a' + channel).to_string();
        let mut sample = Sample::new(ChannelId::new(&name).expect("valid name"), Minute(minute));
        (sample.counts.requests, sample.revision) = (requests, revision);
        sample
    }

    fn amended(old: Vec<Sample>, changes: Vec<(Sample, Mode)>, unique: bool) -> Vec<(u64, u32)> {
        let rows = amend(old.into_iter().map(Ok), changes, unique);
        rows.map(|row| row.expect("no error")).map(|row| (row.counts.requests, row.revision)).collect()
    }

    #[test]
    fn pieces_are_added_and_raise_the_revision_once() {
        let old = vec![row(0, 1, 10, 0), row(0, 3, 30, 0)];
        let changes = vec![
            (row(0, 3, 1, 0), Mode::Add),
            (row(0, 2, 5, 0), Mode::Add),
            (row(0, 3, 2, 0), Mode::Add),
            (row(0, 2, 6, 0), Mode::Add),
        ];
        assert_eq!(amended(old, changes, true), [(10, 0), (11, 0), (33, 1)]);
    }

    #[test]
    fn a_whole_minute_replaces_only_an_older_revision() {
        let old = || vec![row(0, 1, 10, 3)];
        assert_eq!(amended(old(), vec![(row(0, 1, 7, 3), Mode::Replace)], true), [(10, 3)]);
        assert_eq!(amended(old(), vec![(row(0, 1, 7, 4), Mode::Replace)], true), [(7, 4)]);
        let both = vec![(row(0, 1, 7, 4), Mode::Replace), (row(0, 1, 1, 0), Mode::Add)];
        assert_eq!(amended(old(), both, true), [(8, 5)]);
    }

    #[test]
    fn where_rows_are_not_unique_nothing_is_joined() {
        let changes = vec![(row(0, 1, 2, 0), Mode::Add), (row(0, 1, 3, 0), Mode::Add)];
        assert_eq!(amended(vec![row(0, 1, 1, 0)], changes, false), [(1, 0), (2, 0), (3, 0)]);
    }

    #[test]
    fn an_error_is_passed_on_and_nothing_after_it() {
        let broken = || StoreError::damaged("f", "x");
        let first: StoredRows<Sample> = Box::new(vec![Ok(row(0, 1, 1, 0)), Err(broken())].into_iter());
        let second: StoredRows<Sample> = Box::new(vec![Ok(row(0, 2, 1, 0))].into_iter());
        let results: Vec<_> = merge(vec![first, second]).map(|row| row.is_ok()).collect();
        assert_eq!(results.iter().filter(|ok| !**ok).count(), 1);
        assert_eq!(results.last(), Some(&false));
    }

    proptest! {
        /// For any rows in any number of files, the merged run holds all of them in key order.
        #[test]
        fn merging_sorts(files in prop::collection::vec(prop::collection::btree_set((0..3_u8, 0..50_u32), 0..30), 0..5)) {
            let mut all: Vec<_> = files.iter().flatten().copied().collect();
            all.sort_unstable();
            let of = |keys: &std::collections::BTreeSet<(u8, u32)>| -> StoredRows<Sample> {
                Box::new(keys.iter().map(|&(c, m)| Ok(row(c, m, 1, 0))).collect::<Vec<_>>().into_iter())
            };
            let merged = merge(files.iter().map(of).collect());
            let keys: Vec<_> = merged.map(|row| row.expect("no error")).map(|row| (row.channel.as_str().as_bytes()[0] - b'a', row.minute.0)).collect();
            prop_assert_eq!(keys, all);
        }
    }
}
