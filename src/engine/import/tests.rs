use super::target::Done;
use super::*;
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;

/// A store in memory that stops working after some publications, as a killed process would.
#[derive(Default)]
struct Memory {
    minutes: BTreeMap<(ChannelId, Minute), Sample>,
    marks: BTreeMap<String, Done>,
    pieces: usize,
    /// Publications after which every further one fails.
    dies_after: usize,
}

impl Memory {
    fn new() -> Self {
        Self { dies_after: usize::MAX, ..Self::default() }
    }
}

impl Target for Memory {
    fn mark(&self, id: &str) -> Option<Done> {
        self.marks.get(id).cloned()
    }

    fn publish(&mut self, piece: Piece) -> Result<(), TargetError> {
        if self.pieces >= self.dies_after {
            return Err(TargetError("killed".into()));
        }
        self.pieces += 1;
        for Amendment { sample, mode } in piece.samples.clone() {
            let key = (sample.channel.clone(), sample.minute);
            match (self.minutes.get_mut(&key), mode) {
                (None, _) => drop(self.minutes.insert(key, sample)),
                (Some(known), Mode::Replace) if known.revision < sample.revision => *known = sample,
                (Some(_), Mode::Replace) => {}
                (Some(known), Mode::Add) => {
                    known.merge(&sample);
                    known.revision += 1;
                }
            }
        }
        let Piece { id, source, rows_done, complete, .. } = piece;
        self.marks.insert(id, Done { rows_done, complete, source });
        Ok(())
    }
}

fn import(csv: &str, cuts: Cuts, prices: Option<&PriceList>, target: &mut Memory) -> Result<Summary, ImportError> {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(csv.as_bytes()).expect("written");
    let admission = Admission::open(Timestamp::from_seconds(1_800_000_000));
    let wishes = Wishes::default();
    Import { path: file.path(), wishes: &wishes, admission: &admission, prices, cuts }.run(target, &mut |_| {})
}

fn csv_of(places: &[(u8, u32)]) -> String {
    let row = |text: String, &(channel, second): &(u8, u32)| {
        let (ts, ms) = (1_700_000_000 + second, 10 + second % 777);
        text + &format!("{ts},c{channel},{ms},{second},{}\n", if second % 5 == 0 { 500 } else { 200 })
    };
    places.iter().fold("ts,channel,latency_ms,tokens_prompt,status\n".to_owned(), row)
}

#[test]
fn a_second_import_changes_nothing() {
    let csv = csv_of(&[(0, 0), (1, 30), (0, 90)]) + "1700000000,c0,slow,1,200\n";
    let mut store = Memory::new();
    let first = import(&csv, Cuts::default(), None, &mut store).expect("imports");
    assert_eq!((first.rows, first.accepted, first.rejected, first.failures), (4, 3, 1, 3));
    assert_eq!(first.rejects[0].to_string(), "line 4: `latency_ms` is `slow`, not a number");
    let (minutes, pieces) = (store.minutes.clone(), store.pieces);
    let second = import(&csv, Cuts::default(), None, &mut store).expect("imports");
    let Verdict::AlreadyImported { source } = second.verdict else { unreachable!("the mark is known") };
    assert!(source.ends_with(" at 2027-01-15T08:00:00Z"), "{source}");
    assert_eq!((store.minutes, store.pieces), (minutes, pieces));
}

#[test]
fn whole_minutes_replace_and_repeats_are_told() {
    let csv = "ts,channel,requests,latency_p95_ms\n1700000040,c,5,80\n1700000041,c,6,90\n1700000100,c,7,\n";
    let mut store = Memory::new();
    let summary = import(csv, Cuts::default(), None, &mut store).expect("imports");
    assert_eq!((summary.kind, summary.accepted, summary.requests), ("samples", 2, 12));
    let repeat = "line 2: repeats the minute 2023-11-14T22:14:00Z of `c`; the first such row counts";
    assert_eq!(summary.rejects[0].to_string(), repeat);
    assert_eq!(store.minutes.values().map(|minute| minute.revision).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn prices_fill_in_what_rows_do_not_state() {
    let mut prices = PriceList::default();
    let price = crate::domain::price::Price {
        valid_from: Timestamp::default(),
        prompt_usd_per_mtok: 2.0,
        completion_usd_per_mtok: 0.0,
        cached_usd_per_mtok: 2.0,
    };
    prices.add(ChannelId::new("c").expect("valid name"), price);
    let csv = "ts,channel,tokens_prompt,cost_usd\n1700000000,c,100,\n1700000000,c,100,0.5\n1700000000,d,100,\n";
    let summary = import(csv, Cuts::default(), Some(&prices), &mut Memory::new()).expect("imports");
    assert_eq!(summary.cost, Some(MicroUsd(200 + 500_000)));
    assert_eq!(summary.tokens_completion, None, "unknown is not zero");
}

proptest! {
    /// For any calls in any order, any cuts and an interruption after any number of publications, the resumed import
    /// leaves the minutes of an undisturbed one; and but for revisions these do not depend on the cuts.
    #[test]
    fn an_interruption_leaves_no_trace(
        places in prop::collection::vec((0..3_u8, 0..20_000_u32), 1..120),
        chunk_rows in 1..40_usize,
        held_minutes in 1..40_usize,
        dies_after in 0..8_usize,
    ) {
        let csv = csv_of(&places);
        let cuts = Cuts { chunk_rows, held_minutes };
        let mut undisturbed = Memory::new();
        let whole = import(&csv, cuts, None, &mut undisturbed).expect("imports");
        let mut disturbed = Memory { dies_after, ..Memory::new() };
        if import(&csv, cuts, None, &mut disturbed).is_err() {
            disturbed.dies_after = usize::MAX;
            let resumed = import(&csv, cuts, None, &mut disturbed).expect("resumes");
            prop_assert_eq!((resumed.rows, resumed.requests, resumed.minutes), (whole.rows, whole.requests, whole.minutes));
        }
        prop_assert_eq!(&disturbed.minutes, &undisturbed.minutes);
        let mut at_once = Memory::new();
        import(&csv, Cuts::default(), None, &mut at_once).expect("imports");
        undisturbed.minutes.values_mut().for_each(|minute| minute.revision = 0);
        prop_assert_eq!(at_once.minutes, undisturbed.minutes);
    }
}
