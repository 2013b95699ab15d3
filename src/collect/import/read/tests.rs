use super::*;
use crate::collect::import::cell::TsUnit;
use proptest::prelude::*;
use std::io::Write;
use std::sync::Arc as Shared;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{ArrayRef, Float32Array, Int8Array, LargeStringArray, RecordBatch, TimestampMillisecondArray};
use flate2::{Compression, write::GzEncoder};

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(bytes).expect("written");
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|&column| column.to_owned()).collect()
}

/// Every row of `bytes` as text, `!` and the problem for bad rows; read in chunks of two.
fn rows(bytes: &[u8], wanted: &[&str]) -> (Format, Vec<String>) {
    let file = file(bytes);
    let mut reader = Reader::open(file.path()).expect("opens");
    reader.select(&names(wanted)).expect("columns are of use");
    let mut out = Vec::new();
    while let Some(chunk) = reader.next_chunk(2).expect("readable") {
        for row in 0..chunk.len() {
            assert_eq!(chunk.first_row + row as u64, out.len() as u64 + 1);
            if let Some(defect) = chunk.defect(row) {
                out.push(format!("!{}", defect.problem));
                continue;
            }
            let mut text = String::new();
            for column in 0..wanted.len() {
                chunk.cell(row, column).write_to(&mut text);
                text.push(';');
            }
            out.push(text);
        }
    }
    let (done, total) = reader.progress();
    assert_eq!(done, total, "all of the file was consumed");
    (reader.format(), out)
}

#[test]
fn csv_plain_and_packed_read_alike() {
    let text = b"\xef\xbb\xbfts,who,ms\n1,a,2.5\n2,\"b,c\", \n3,d\n4,\xff,1\n5,e,7\n";
    let expected = ["a;2.5;", "b,c;;", "!has 2 fields, the header 3", "!is not UTF-8", "e;7;"];
    assert_eq!(rows(text, &["who", "ms"]), (Format::Csv, expected.map(str::to_owned).to_vec()));
    assert_eq!(rows(&gzip(text), &["who", "ms"]).1, expected);
    assert_eq!(rows(text, &["ts", "absent"]).1[0], "1;;");
}

#[test]
fn jsonl_reads_paths_and_survives_bad_lines() {
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20));
    let text = format!("\n{{\"a\": 1, \"u\": {{\"p\": 2}}}}\n[1]\n{long}\n{{\"a\": \n{{\"a\": true, \"u\": [3]}}");
    let (format, rows) = rows(text.as_bytes(), &["a", "u.p", "u"]);
    assert_eq!(format, Format::Jsonl);
    assert_eq!((rows[0].as_str(), rows[1].as_str()), ("1;2;;", "!is not a JSON object"));
    assert!(rows[2].starts_with("!is longer than"), "{}", rows[2]);
    assert!(rows[3].starts_with("!is not JSON: EOF"), "{}", rows[3]);
    assert_eq!((rows[4].as_str(), rows.len()), ("true;;;", 5));
}

#[test]
fn parquet_types_become_five() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("at", Shared::new(TimestampMillisecondArray::from(vec![0, 1_500]).with_timezone("UTC"))),
        ("who", Shared::new(LargeStringArray::from(vec![Some("a"), None]))),
        ("ms", Shared::new(Float32Array::from(vec![2.5, f32::NAN]))),
        ("failed", Shared::new(Int8Array::from(vec![0, 1]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns match");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("schema is fine");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    let (format, rows) = rows(&bytes, &["failed", "at", "who", "ms", "absent"]);
    assert_eq!(format, Format::Parquet);
    assert_eq!(rows, ["0;1970-01-01T00:00:00Z;a;2.5;;", "1;1970-01-01T00:00:01.500Z;;;;"]);
}

proptest! {
    /// Whatever text a file holds, every row of it is read or told, and reading ends without a panic.
    #[test]
    fn no_text_makes_a_reader_panic(head in "(\\{\"a\":1\\}\n|a,b\n|\"|)", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = file(&[head.as_bytes(), &bytes].concat());
        if let Ok(mut reader) = Reader::open(file.path()) {
            reader.select(&names(&["a", "b"])).expect("text has no types");
            let mut rows = 0;
            while let Ok(Some(chunk)) = reader.next_chunk(7) {
                prop_assert_eq!(chunk.first_row, rows + 1);
                rows += chunk.len() as u64;
                for row in 0..chunk.len() {
                    let _number = chunk.cell(row, 0).number();
                    let _instant = chunk.cell(row, 1).instant(TsUnit::Auto);
                }
            }
        }
    }
}

#[test]
fn damage_is_an_error_that_names_the_file_and_the_row() {
    let open = |bytes: &[u8]| Reader::open(file(bytes).path()).map(|_| ());
    assert!(matches!(open(b""), Err(ReadError::Empty { .. })));
    assert!(matches!(open(b"PAR1 and no more"), Err(ReadError::Parquet { .. })));
    assert!(matches!(Reader::open(Path::new("/no/such/file")).map(|_| ()), Err(ReadError::Open { .. })));
    let text = (0..200_000).fold("a,b".to_owned(), |text, row| text + &format!("\n{row},{}", row * 7_919 % 1_000));
    let packed = gzip(text.as_bytes());
    let file = file(&packed[..packed.len() / 2]);
    let mut reader = Reader::open(file.path()).expect("the start is fine");
    let error = loop {
        match reader.next_chunk(8_192) {
            Ok(chunk) => assert!(chunk.is_some(), "a torn file must not end quietly"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ReadError::Io { row: 8_192.., .. }), "{error}");
}

#[test]
fn an_open_quote_does_not_swallow_the_file() {
    let text = format!("a,b\n1,2\n\"open{}", ",x\n".repeat(1 << 20));
    let file = file(text.as_bytes());
    let mut reader = Reader::open(file.path()).expect("the header is fine");
    let error = reader.next_chunk(10).expect_err("the quote is never closed");
    let source = std::error::Error::source(&error).expect("has a cause").to_string();
    assert!(source.contains("quote left open"), "{source}");
}
