use super::*;
use crate::anomaly::detector::Band;
use crate::anomaly::verdict::Vote;
use crate::incident::command::Order;
use proptest::prelude::*;

/// A minute of one column, as a letter: `.` calm, `~` neither, `x` odd, `X` certain, `?` too few calls, `w` warming up,
/// `-` absent, `m` in maintenance.
fn verdict(letter: char, value: f64) -> Verdict {
    let (state, score) = match letter {
        '~' => (State::Judged, 0.4),
        'x' => (State::Judged, 0.6),
        'X' => (State::Judged, 0.95),
        '?' => (State::Thin, 0.0),
        'w' => (State::Warming, 0.0),
        '-' => (State::Absent, 0.0),
        'm' => (State::Excused, 0.0),
        _ => (State::Judged, 0.01),
    };
    let is_odd = score >= Verdict::LINE;
    let value = if state == State::Absent { f64::NAN } else { value };
    let votes = vec![Vote { detector: "zscore", p: 1.0 - score }, Vote { detector: "iqr", p: (0.95 - score).max(0.0) }];
    Verdict { state, score, anomaly: is_odd, value, expected: Band::around(100.0, 10.0), votes }
}

fn watch() -> Watch {
    let place = Place { provider: Some("openai".into()), ..Place::default() };
    Watch::new(ChannelId::new("openai-eu").expect("a name"), place)
}

const NO_HARM: Harm = Harm { error_ratio: 0.0, error_limit: 0.01, latency_ratio: 0.5, traffic_share: 0.5 };

/// Feeds one minute of the columns `latency_p95_ms`, `error_ratio`, ... a letter each.
fn minute(watch: &mut Watch, at: u32, letters: &str, value: f64, harm: Harm) -> Vec<Change> {
    let names = ["latency_p95_ms", "error_ratio", "requests"];
    let columns: Vec<(&str, Verdict)> =
        names.into_iter().zip(letters.chars().map(|letter| verdict(letter, value))).collect();
    let report = Report { minute: Minute(at), columns: &columns, harm };
    watch.observe(&Rules::default(), Minute(at).end(), &report)
}

/// The changes over a strip of minutes of one column, each as `minute name`.
fn strip(letters: &str) -> String {
    let mut watch = watch();
    let changes = letters.chars().enumerate().flat_map(|(at, letter)| {
        let at = u32::try_from(at).expect("short");
        let changes = minute(&mut watch, at, &letter.to_string(), 200.0, NO_HARM);
        changes.into_iter().map(move |change| format!("{at} {}", change.what.name()))
    });
    changes.collect::<Vec<_>>().join(", ")
}

#[test]
fn strips_of_minutes() {
    let table = [
        ("one odd minute is nothing", "....x....................", ""),
        ("one certain minute is enough", "....X..............", "4 opened, 14 recovered"),
        ("two of five open", "....x..x.............", "7 opened, 17 recovered"),
        ("a bad quarter of an hour", "..xx.x..x.xx...x.x............", "3 opened, 27 recovered"),
        ("an uneasy minute is not calm", "XX.........~..........", "0 opened, 21 recovered"),
        ("too few calls are no calm", "XX.....?????.....", "0 opened, 16 recovered"),
        ("flaps are one", "X..........X...........", "0 opened, 10 recovered, 11 reopened, 21 recovered"),
        ("silence", "...-----....", "7 opened, 10 recovered"),
        ("a short silence", "...----...", ""),
        ("trouble, then silence", "X-----...", "0 opened, 5 opened, 8 recovered"),
        ("maintenance", "mmmmmmmmmm", ""),
        ("warming up", "wwwwwwwwww", ""),
    ];
    for (name, letters, expected) in table {
        assert_eq!(strip(letters), expected, "{name}");
    }
    let late = format!("X..........{}X", ".".repeat(16));
    assert_eq!(strip(&late), "0 opened, 10 recovered, 27 opened", "a quarter of an hour later it is another one");
}

#[test]
fn two_kinds_in_one_minute_agree() {
    let mut watch = watch();
    assert!(minute(&mut watch, 0, "x..", 200.0, NO_HARM).is_empty());
    let mut watch = self::watch();
    let changes = minute(&mut watch, 0, "xx.", 200.0, NO_HARM);
    assert_eq!((changes[0].what, changes[0].incident.kind), (What::Opened, Kind::Errors));
}

#[test]
fn evidence_says_what_since_when_and_who() {
    let mut watch = watch();
    minute(&mut watch, 5, "x..", 150.0, NO_HARM);
    minute(&mut watch, 6, "...", 100.0, NO_HARM);
    let opened = minute(&mut watch, 7, "x..", 200.0, NO_HARM).remove(0).incident;
    assert_eq!((opened.times.first_sign, opened.times.to_detect_s()), (Minute(5), 180.0));
    let blamed = minute(&mut watch, 8, "XX.", 300.0, NO_HARM).remove(0);
    assert_eq!((blamed.what, blamed.incident.kind), (What::Blamed, Kind::Errors));
    let evidence = blamed.incident.evidence;
    assert_eq!(evidence.columns.keys().collect::<Vec<_>>(), ["error_ratio", "latency_p95_ms"]);
    let latency = &evidence.columns["latency_p95_ms"];
    assert_eq!(
        (latency.first, latency.odd_minutes, latency.worst.at, latency.worst.value),
        (Minute(5), 3, Minute(8), 300.0)
    );
    assert_eq!(latency.worst.expected.map(|band| (band.low, band.high)), Some((90.0, 110.0)));
    assert_eq!(latency.detectors, BTreeMap::from([("iqr".to_owned(), 1)]), "0.05 is no vote");
    assert_eq!(opened.fingerprint, blamed.incident.fingerprint, "the mark is that of the opening");
}

#[test]
fn severity_follows_harm() {
    let mut watch = watch();
    let bad = Harm { error_ratio: 0.3, ..NO_HARM };
    let names = |changes: Vec<Change>| -> Vec<String> {
        changes.into_iter().map(|change| format!("{} {}", change.what.name(), change.incident.severity)).collect()
    };
    assert_eq!(names(minute(&mut watch, 0, "X..", 200.0, NO_HARM)), ["opened P4"]);
    assert!(minute(&mut watch, 1, "X..", 200.0, bad).is_empty());
    assert_eq!(names(minute(&mut watch, 2, "X..", 200.0, bad)), ["raised P1"]);
    let falls: Vec<_> = (3..20).flat_map(|at| names(minute(&mut watch, at, "X..", 200.0, NO_HARM))).collect();
    assert_eq!(falls, ["lowered P4"]);
    assert_eq!(watch.open().next().map(|open| open.worst), Some(Severity::P1));
}

#[test]
fn a_harmless_shift_is_adopted_and_a_harmful_one_is_not() {
    let life = |harm: Harm| {
        let mut watch = watch();
        let mut seen = Vec::new();
        let mut feed = |from: u32, to: u32, letter: &str, value: f64| {
            for at in from..to {
                let changes = minute(&mut watch, at, letter, value, harm);
                seen.extend(changes.iter().map(|change| format!("{at} {}", change.what.name())));
            }
        };
        feed(0, 700, "X..", 200.0);
        feed(700, 701, "X..", 280.0);
        seen.join(", ")
    };
    assert_eq!(life(NO_HARM), "0 opened, 360 adopted, 700 opened", "a further shift is news");
    assert_eq!(life(Harm { latency_ratio: 1.5, ..NO_HARM }), "0 opened");
}

#[test]
fn a_channel_that_is_gone_is_given_up_and_may_come_back() {
    let mut watch = watch();
    let mut names = Vec::new();
    for at in 0..3_000u32 {
        let letter = if (10..2_900).contains(&at) { "---" } else { "..." };
        let changes = minute(&mut watch, at, letter, 100.0, Harm::UNKNOWN);
        names.extend(changes.iter().map(|change| format!("{at} {} {}", change.what.name(), change.incident.kind)));
    }
    assert_eq!(names, ["14 opened absence", "1450 adopted absence"]);
    let again = (3_000..3_010).flat_map(|at| minute(&mut watch, at, "---", 0.0, Harm::UNKNOWN));
    assert_eq!(again.map(|change| change.what).collect::<Vec<_>>(), [What::Opened]);
}

#[test]
fn the_same_trouble_within_a_day_is_a_recurrence() {
    let mut watch = watch();
    let mut seen = Vec::new();
    for at in [0, 100, 200, 200 + 1_500] {
        let opened = minute(&mut watch, at, "X..", 200.0, NO_HARM).remove(0).incident;
        seen.push(opened.recurrence.map(|recurrence| recurrence.times));
        for at in at + 1..at + 40 {
            minute(&mut watch, at, "...", 100.0, NO_HARM);
        }
    }
    assert_eq!(seen, [None, Some(1), Some(2), None]);
}

#[test]
fn people_acknowledge_silence_annotate_and_close() {
    let mut watch = watch();
    let id = minute(&mut watch, 0, "X..", 200.0, NO_HARM).remove(0).incident.id;
    let now = |at: u32| Minute(at).end();
    let order = |order| Command::new("ada", "known upstream fault", order).expect("a command");
    let done = watch.command(now(1), id, &order(Order::Acknowledge)).expect("open");
    assert_eq!((done.incident.times.to_acknowledge_s(), done.incident.revision), (Some(60.0), 2));
    assert_eq!(done.incident.notes[0].by, "ada");
    assert_eq!(watch.command(now(1), id, &order(Order::Acknowledge)), Err(CommandError::Done));
    assert_eq!(
        watch.command(now(1), IncidentId(1), &order(Order::Annotate)),
        Err(CommandError::Unknown(IncidentId(1)))
    );
    assert_eq!(watch.command(now(1), id, &order(Order::Silence { until: now(0) })), Err(CommandError::Expired));
    let silent = watch.command(now(1), id, &order(Order::Silence { until: now(3) })).expect("open").incident;
    assert!(silent.is_silent(now(2)) && !silent.is_silent(now(3)));
    assert!(minute(&mut watch, 2, "X..", 200.0, NO_HARM).is_empty());
    assert_eq!(minute(&mut watch, 3, "X..", 200.0, NO_HARM)[0].what, What::Unsilenced);

    assert_eq!(watch.command(now(4), id, &order(Order::Close)).expect("open").what, What::Ended(Ending::Closed));
    assert!(
        (5..60).all(|at| minute(&mut watch, at, "X..", 200.0, NO_HARM).is_empty()),
        "closed stays closed while odd"
    );
    assert!((60..75).all(|at| minute(&mut watch, at, "...", 100.0, NO_HARM).is_empty()));
    assert_eq!(minute(&mut watch, 75, "X..", 200.0, NO_HARM)[0].what, What::Opened);
    assert!(Command::new(" ", "why", Order::Annotate).is_err());
    assert!(Command::new("ada", "a\u{7}", Order::Annotate).is_err());
}

#[test]
fn mitigation_is_the_first_calm_minute() {
    let mut watch = watch();
    minute(&mut watch, 0, "X..", 200.0, NO_HARM);
    minute(&mut watch, 1, "X..", 200.0, NO_HARM);
    let ended = (2..20).flat_map(|at| minute(&mut watch, at, "...", 100.0, NO_HARM)).last().expect("it ended");
    assert_eq!(ended.incident.times.to_mitigate_s(), Some(120.0));
    assert_eq!(ended.incident.times.to_resolve_s(), Some(720.0));
}

#[test]
fn a_minute_that_came_before_is_ignored() {
    let mut watch = watch();
    minute(&mut watch, 5, "X..", 200.0, NO_HARM);
    let before = watch.clone();
    assert!(minute(&mut watch, 5, "...", 200.0, NO_HARM).is_empty());
    assert_eq!(watch, before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A watch that was saved and restored at any minute goes on exactly as the one that was not; revisions count up by
    /// one, and an incident is open after every change but an ending and a note on one that is over.
    #[test]
    fn a_restored_watch_goes_on(letters in prop::collection::vec("[.~xX?m-]{3}", 1..160), cut in 0usize..160) {
        let mut whole = watch();
        let mut cut_up = watch();
        let mut revisions: BTreeMap<IncidentId, u32> = BTreeMap::new();
        for (at, letters) in letters.iter().enumerate() {
            if at == cut {
                let bytes = postcard::to_stdvec(&cut_up).expect("it can be written");
                cut_up = postcard::from_bytes(&bytes).expect("it can be read");
            }
            let at = u32::try_from(at).expect("short");
            let changes = minute(&mut whole, at, letters, 200.0, NO_HARM);
            prop_assert_eq!(&changes, &minute(&mut cut_up, at, letters, 200.0, NO_HARM));
            for change in changes {
                let revision = revisions.entry(change.incident.id).or_default();
                *revision += 1;
                prop_assert_eq!(change.incident.revision, *revision);
                prop_assert_eq!(change.incident.is_open(), !matches!(change.what, What::Ended(_)));
            }
        }
        prop_assert_eq!(whole, cut_up);
    }
}
