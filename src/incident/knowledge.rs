//! What operators know of errors: what caused them and what helped.
//!
//! An entry hangs on a [`Fingerprint`], so that it is offered again whenever the same trouble recurs, and is found by its
//! words ranked by BM25 (Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009). A search engine would
//! know stems and synonyms; some hundreds of notes in the words of one team do without, and find the start of a word.
//!
//! Entries are the whole state; the index is made of them again when they are read.

mod index;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::time::Timestamp;
use crate::incident::fingerprint::Fingerprint;
use index::Index;

/// Entries that are kept at most.
pub const MAX_ENTRIES: usize = 10_000;
/// Longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// Longest cause, or fix, in characters.
pub const MAX_TEXT: usize = 10_000;

/// The number of an entry, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub u64);

/// What a person writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The trouble that it explains.
    pub fingerprint: Fingerprint,
    /// In a few words.
    pub title: String,
    /// What caused it.
    pub cause: String,
    /// What helped.
    pub fix: String,
    /// Who writes.
    pub by: String,
}

/// What is known of one kind of trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// What was written last.
    pub draft: Draft,
    /// When it was written first.
    pub created: Timestamp,
    /// When it was written last.
    pub updated: Timestamp,
    /// How often it was written.
    pub revision: u32,
}

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KnowledgeError {
    /// A text that is missing, or too long.
    #[error("`{field}` must have 1 to {limit} characters")]
    Text {
        /// Which one.
        field: &'static str,
        /// Characters allowed.
        limit: usize,
    },
    /// There are too many entries.
    #[error("there are {MAX_ENTRIES} entries already; remove some first")]
    Full,
    /// No entry has the number.
    #[error("there is no such entry")]
    Unknown,
}

/// Every entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Knowledge {
    entries: BTreeMap<EntryId, Entry>,
    next: u64,
    by_fingerprint: BTreeMap<Fingerprint, Vec<EntryId>>,
    index: Index,
}

#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    next: u64,
    entries: Vec<Entry>,
}

impl PartialEq for Knowledge {
    fn eq(&self, other: &Self) -> bool {
        self.next == other.next && self.entries == other.entries
    }
}

impl From<Saved> for Knowledge {
    fn from(saved: Saved) -> Self {
        let mut knowledge = Self::default();
        for entry in saved.entries {
            knowledge.next = knowledge.next.max(entry.id.0 + 1);
            knowledge.put(entry);
        }
        knowledge.next = knowledge.next.max(saved.next);
        knowledge
    }
}

impl From<Knowledge> for Saved {
    fn from(knowledge: Knowledge) -> Self {
        Self { next: knowledge.next, entries: knowledge.entries.into_values().collect() }
    }
}

impl Knowledge {
    /// Adds what `draft` says.
    ///
    /// # Errors
    /// If a text is missing or too long, or there are too many entries.
    pub fn add(&mut self, now: Timestamp, draft: Draft) -> Result<EntryId, KnowledgeError> {
        draft.check()?;
        if self.entries.len() >= MAX_ENTRIES {
            return Err(KnowledgeError::Full);
        }
        let id = EntryId(self.next);
        self.next += 1;
        self.put(Entry { id, draft, created: now, updated: now, revision: 1 });
        Ok(id)
    }

    /// Writes the entry `id` anew.
    ///
    /// # Errors
    /// If there is none, or a text is missing or too long.
    pub fn rewrite(&mut self, now: Timestamp, id: EntryId, draft: Draft) -> Result<(), KnowledgeError> {
        draft.check()?;
        let old = self.remove(id)?;
        self.put(Entry { draft, updated: now, revision: old.revision.saturating_add(1), ..old });
        Ok(())
    }

    /// Removes the entry `id` and returns it.
    ///
    /// # Errors
    /// If there is none.
    pub fn remove(&mut self, id: EntryId) -> Result<Entry, KnowledgeError> {
        let entry = self.entries.remove(&id).ok_or(KnowledgeError::Unknown)?;
        if let Some(ids) = self.by_fingerprint.get_mut(&entry.draft.fingerprint) {
            ids.retain(|known| *known != id);
            if ids.is_empty() {
                self.by_fingerprint.remove(&entry.draft.fingerprint);
            }
        }
        self.index.remove(id, &entry.draft.words());
        Ok(entry)
    }

    /// The entry `id`.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Every entry, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// What is known of `fingerprint`: the entry written last comes first.
    #[must_use]
    pub fn offer(&self, fingerprint: Fingerprint) -> Vec<&Entry> {
        let ids = self.by_fingerprint.get(&fingerprint).map(Vec::as_slice).unwrap_or_default();
        let mut entries: Vec<&Entry> = ids.iter().filter_map(|id| self.entries.get(id)).collect();
        entries.sort_by_key(|entry| (std::cmp::Reverse(entry.updated), entry.id));
        entries
    }

    /// The `limit` entries that fit the words of `query` best, with their scores, the best first.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<(&Entry, f64)> {
        let hits = self.index.search(query, limit).into_iter();
        hits.filter_map(|(id, score)| Some((self.entries.get(&id)?, score))).collect()
    }

    fn put(&mut self, entry: Entry) {
        self.index.add(entry.id, &entry.draft.words());
        self.by_fingerprint.entry(entry.draft.fingerprint).or_default().push(entry.id);
        self.entries.insert(entry.id, entry);
    }
}

impl Draft {
    fn check(&self) -> Result<(), KnowledgeError> {
        let fields = [
            ("title", &self.title, MAX_TITLE),
            ("cause", &self.cause, MAX_TEXT),
            ("fix", &self.fix, MAX_TEXT),
            ("by", &self.by, MAX_TITLE),
        ];
        for (field, text, limit) in fields {
            if text.trim().is_empty() || text.chars().count() > limit {
                return Err(KnowledgeError::Text { field, limit });
            }
        }
        Ok(())
    }

    /// All its words, and the title's a second time: they say most.
    fn words(&self) -> Vec<String> {
        [&self.title, &self.title, &self.cause, &self.fix].into_iter().flat_map(|text| index::words(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(mark: u64, title: &str, cause: &str, fix: &str) -> Draft {
        let (title, cause, fix) = (title.to_owned(), cause.to_owned(), fix.to_owned());
        Draft { fingerprint: Fingerprint(mark), title, cause, fix, by: "ada".to_owned() }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn some() -> Knowledge {
        let mut knowledge = Knowledge::default();
        let texts = [
            draft(1, "Quota exhausted", "the tokens per minute ran out", "raise the quota, or shift traffic to Azure"),
            draft(1, "Key rotated", "an old API key", "redeploy with the new key"),
            draft(2, "Slow first token", "a cold deployment", "keep one warm; shift traffic"),
        ];
        for (second, text) in texts.into_iter().enumerate() {
            knowledge.add(at(i64::try_from(second).expect("few")), text).expect("complete");
        }
        knowledge
    }

    fn titles<'a>(found: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a str> {
        found.into_iter().map(|entry| entry.draft.title.as_str()).collect()
    }

    #[test]
    fn what_is_known_is_offered_again() {
        let mut knowledge = some();
        assert_eq!(titles(knowledge.offer(Fingerprint(1))), ["Key rotated", "Quota exhausted"]);
        assert!(knowledge.offer(Fingerprint(9)).is_empty());
        knowledge.rewrite(at(9), EntryId(0), draft(2, "Quota gone", "too many tokens", "wait")).expect("there is one");
        assert_eq!(titles(knowledge.offer(Fingerprint(2))), ["Quota gone", "Slow first token"]);
        assert_eq!(knowledge.get(EntryId(0)).map(|entry| (entry.revision, entry.created)), Some((2, at(0))));
        knowledge.remove(EntryId(1)).expect("there is one");
        assert!(knowledge.offer(Fingerprint(1)).is_empty());
        assert_eq!(knowledge.remove(EntryId(1)), Err(KnowledgeError::Unknown));
    }

    #[test]
    fn words_find_entries_and_the_rarest_weighs_most() {
        let mut knowledge = some();
        let found = |knowledge: &Knowledge, query: &str| {
            let hits = knowledge.search(query, 9);
            titles(hits.into_iter().map(|(entry, _)| entry)).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(found(&knowledge, "QUOTA!"), ["Quota exhausted"]);
        assert_eq!(found(&knowledge, "traffic cold"), ["Slow first token", "Quota exhausted"]);
        assert_eq!(found(&knowledge, "rotat"), ["Key rotated"], "the start of a word");
        assert!(found(&knowledge, "").is_empty() && found(&knowledge, "weather").is_empty());
        knowledge.remove(EntryId(2)).expect("there is one");
        assert_eq!(found(&knowledge, "traffic cold"), ["Quota exhausted"]);
    }

    #[test]
    fn knowledge_is_restored_with_its_index_and_numbers_are_not_given_twice() {
        let mut knowledge = some();
        knowledge.remove(EntryId(2)).expect("there is one");
        let json = serde_json::to_string(&knowledge).expect("it can be written");
        let mut again: Knowledge = serde_json::from_str(&json).expect("it can be read");
        assert_eq!(again, knowledge);
        let key = |knowledge: &Knowledge| knowledge.search("key", 1).first().map(|(_, score)| score.to_bits());
        assert_eq!(key(&again), key(&knowledge), "bit for bit");
        assert_eq!(again.add(at(9), draft(3, "t", "c", "f")), Ok(EntryId(3)));
        assert!(again.add(at(9), draft(3, "t", " ", "f")).is_err());
    }
}
