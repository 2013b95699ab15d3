use super::*;
use crate::cli::plain::When;
use crate::domain::time::Timestamp;
use crate::forecast::history::{Grid, History};
use crate::forecast::output::{Forecast, Levels};

const GRID: Grid = Grid { start: Timestamp::from_seconds(1_795_132_800), step_s: 3_600 };

fn forecast() -> Forecast {
    Forecast {
        grid: GRID.advanced(4),
        model: "naive".to_owned(),
        mean: vec![4.0, 4.0],
        levels: Levels::new(vec![0.05, 0.25, 0.5, 0.75, 0.95]).expect("valid"),
        quantiles: vec![2.0, 3.0, 4.0, 5.0, 6.0, 1.0, 3.0, 4.0, 5.0, 7.0],
    }
}

#[test]
fn a_picture_has_its_lines_fans_and_words() {
    let (values, forecast) = ([1.0, f64::NAN, 3.0, 4.0], forecast());
    let history = History::new(GRID, &values);
    let panel = |name| Panel::new(name, "p95 <ms>", When::Instants, &history, &forecast, Some(&[5.0, f64::NAN]));
    let picture = svg("two & two", &[panel("a"), panel("b")]).expect("drawn");
    assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{picture}");
    for word in ["two &amp; two", "p95 &lt;ms&gt;", "time (UTC)", "median (naive)", "truth", "90 %", "50 %"] {
        assert!(picture.contains(word), "{word} is missing in {picture}");
    }
    assert_eq!(picture.matches("<polygon").count(), 4, "two intervals in each of two panels");
    assert!(!picture.contains("NaN"));
}

#[test]
fn nothing_known_and_one_value_can_be_drawn() {
    let forecast = forecast();
    let history = History::new(GRID, &[]);
    assert!(svg("empty", &[Panel::new("a", "v", When::Numbers, &history, &forecast, None)]).is_ok());
    assert!(svg::<Panel<'_>>("no panel", &[]).is_ok());
    let nothing = Verdicts { name: "a", value: "v", when: When::Numbers, points: Vec::new() };
    assert!(svg("empty", &[nothing]).is_ok());
}

#[test]
fn a_long_series_keeps_its_peaks_gaps_and_marks() {
    let point = |at: u32| {
        let value = match at {
            7_003 => 90.0,
            2_000..2_100 => f64::NAN,
            _ => f64::from(at % 7),
        };
        let expected = if at < 500 { (f64::NAN, f64::NAN) } else { (-1.0, 8.0) };
        Point { at: f64::from(at), value, expected, anomaly: at == 7_003 || at == 7_004 }
    };
    let points = (0..20_000).map(point).collect();
    let panel = Verdicts { name: "a & b", value: "v", when: When::Numbers, points };
    let picture = svg("long", &[panel]).expect("drawn");
    assert_eq!((picture.matches("<circle").count(), picture.matches("<polygon").count()), (2, 1));
    let lines = picture.split("<polyline").filter(|line| line.contains("stroke=\"#888888\"")).count();
    assert_eq!(lines, 2, "before the gap and after it");
    for word in ["values", "expected", "anomaly", "a &amp; b", "\nstep\n"] {
        assert!(picture.contains(word), "{word}");
    }
    assert!(picture.len() < 100_000 && !picture.contains("NaN"), "{} bytes", picture.len());
}
