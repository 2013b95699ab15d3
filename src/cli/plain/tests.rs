use super::*;
use crate::cli::args::Format;
use clap::Parser;
use std::io::Write;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    plain: PlainArgs,
}

fn read(text: &str, args: &[&str]) -> Result<PlainFile, Failure> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    let path = file.path().to_string_lossy().into_owned();
    let cli = Cli::try_parse_from(["x", "--input", &path].iter().chain(args)).expect("valid arguments");
    let shared = Shared {
        config: None,
        data: PathBuf::new(),
        data_named: false,
        format: Format::Json,
        parquet: false,
        quiet: true,
        seed: 1,
    };
    PlainFile::read(&cli.plain, &shared)
}

fn values(file: &PlainFile, at: usize) -> Vec<f64> {
    file.series[at].aligned.as_ref().expect("regular").values.clone()
}

#[test]
fn series_keep_the_order_of_their_first_row_and_bad_rows_are_counted() {
    let text =
        "id,t,v,split\nb,2,5,train\na,1,1,train\nb,1,4,train\nb,3,oops,train\na,2,NaN,train\na,3,3,train\nb,3,9,test\n";
    let file = read(text, &["--time", "t", "--value", "v", "--series", "id", "--where", "split=train"]).expect("read");
    let names: Vec<&str> = file.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!((names, file.rejected, file.when), (vec!["b", "a"], 1, When::Numbers));
    assert_eq!(values(&file, 0), [4.0, 5.0]);
    let gappy = values(&file, 1);
    assert_eq!(format!("{gappy:?}"), "[1.0, NaN, 3.0]");
}

#[test]
fn counts_lie_on_the_grid_of_their_values() {
    let text = "id,ts,value,n\na,60,1,7\nb,60,5,9\na,180,3,\na,240,4,2\nb,120,6,3\n";
    let file = read(text, &["--series", "id", "--count", "n", "--where", "id=a"]).expect("read");
    let history = file.series[0].history().expect("regular");
    assert_eq!(format!("{:?}", history.values), "[1.0, NaN, 3.0, 4.0]");
    assert_eq!(format!("{:?}", history.counts), "Some([7.0, NaN, NaN, 2.0])");
}

#[test]
fn instants_in_any_notation_are_instants() {
    for at in [
        "2026-11-20T23:00:00Z,2026-11-20T23:01:00Z",
        "2026-11-20 23:00:00,2026-11-20 23:01:00",
        "1795215600,1795215660",
        "1795215600000,1795215660000",
    ] {
        let (first, second) = at.split_once(',').expect("two");
        let file = read(&format!("ts,value\n{first},1\n{second},2\n"), &[]).expect("read");
        let aligned = file.series[0].aligned.as_ref().expect("regular");
        assert_eq!((aligned.grid.step_s, file.when), (60, When::Instants), "{at}");
        assert_eq!(file.when.show(aligned.grid.start), "2026-11-20T23:00:00Z");
        assert_eq!(file.series[0].name, "value");
    }
}

#[test]
fn a_missing_column_names_those_that_exist() {
    let told = |args: &[&str]| read("when,latency\n1,2\n", args).expect_err("no such column").message;
    assert!(told(&["--time", "wen"]).ends_with("has no column `wen`; did you mean `when`?"));
    assert!(told(&["--time", "when"]).ends_with("has no column `value`; there are `when`, `latency`"));
    let nothing = read("ts,value\n1,2\n", &["--where", "value=3"]).expect_err("no row passes");
    assert!(nothing.message.contains("passes --where"), "{}", nothing.message);
}

#[test]
fn a_longer_grid_averages() {
    let file = read("ts,value\n0,1\n60,3\n120,5\n180,7\n", &["--grid", "2m"]).expect("read");
    assert_eq!(values(&file, 0), [2.0, 6.0]);
}
