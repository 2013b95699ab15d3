//! An inverted index: in which entries a word stands, and how often.

use std::collections::BTreeMap;

use crate::incident::knowledge::EntryId;

/// Saturation of repeated words, and how far long entries count less: the usual values of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Fewest characters of a beginning that finds longer words.
const BEGINNING: usize = 3;
/// What a longer word counts, found by its beginning.
const BY_BEGINNING: f64 = 0.5;

/// Words, and the lengths of entries in words.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    places: BTreeMap<String, BTreeMap<EntryId, u32>>,
    lengths: BTreeMap<EntryId, usize>,
    total: usize,
}

/// The words of `text`: runs of letters and digits, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

impl Index {
    pub(super) fn add(&mut self, id: EntryId, words: &[String]) {
        for word in words {
            *self.places.entry(word.clone()).or_default().entry(id).or_default() += 1;
        }
        self.lengths.insert(id, words.len());
        self.total += words.len();
    }

    pub(super) fn remove(&mut self, id: EntryId, words: &[String]) {
        for word in words {
            if let Some(places) = self.places.get_mut(word) {
                places.remove(&id);
                if places.is_empty() {
                    self.places.remove(word);
                }
            }
        }
        self.total -= self.lengths.remove(&id).unwrap_or(0);
    }

    /// The `limit` best entries for the words of `query`, best first, of equals the oldest.
    pub(super) fn search(&self, query: &str, limit: usize) -> Vec<(EntryId, f64)> {
        let mut wanted = words(query);
        wanted.sort_unstable();
        wanted.dedup();
        let mut scores: BTreeMap<EntryId, f64> = BTreeMap::new();
        for wanted in &wanted {
            let longer = self.places.range(wanted.clone()..).take_while(|(word, _)| word.starts_with(wanted.as_str()));
            for (word, places) in longer {
                let weight = if word == wanted { 1.0 } else { BY_BEGINNING };
                if word == wanted || wanted.chars().count() >= BEGINNING {
                    self.count(places, weight, &mut scores);
                }
            }
        }
        let mut ranked: Vec<(EntryId, f64)> = scores.into_iter().collect();
        ranked.sort_by(|(one, score), (other, others)| others.total_cmp(score).then(one.cmp(other)));
        ranked.truncate(limit);
        ranked
    }

    /// Adds what one word is worth to the score of each entry that it stands in.
    #[expect(clippy::cast_precision_loss, reason = "entries and words are far fewer than 2^52")]
    fn count(&self, places: &BTreeMap<EntryId, u32>, weight: f64, scores: &mut BTreeMap<EntryId, f64>) {
        let (all, with) = (self.lengths.len() as f64, places.len() as f64);
        let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
        let typical = (self.total as f64 / all).max(1.0);
        for (id, times) in places {
            let length = self.lengths.get(id).map_or(typical, |length| *length as f64);
            let times = f64::from(*times);
            let value = times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / typical));
            *scores.entry(*id).or_default() += weight * rarity * value;
        }
    }
}
