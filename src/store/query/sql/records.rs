//! Tables of records in SQL.

use std::collections::BTreeMap;

use polars::prelude::{JoinArgs, JoinType, LazyFrame, UnionArgs, col, concat};

use super::{SqlError, explain, in_memory, read, scan};
use crate::domain::record::{Record, RecordKey, RecordTable};
use crate::store::parquet::{ParquetError, RecordWriter};
use crate::store::query::QueryError;
use crate::store::schema::TableSpec;
use crate::store::snapshot::Snapshot;

/// The table `described` as a lazy scan; of equal keys, the record in `fresh` holds instead of the published one.
pub(super) fn table(
    snapshot: &Snapshot,
    described: &'static RecordTable,
    fresh: &[Record],
) -> Result<LazyFrame, SqlError> {
    let table = TableSpec::records(described);
    let published = scan(snapshot, &table, || file(described, &BTreeMap::new()))?;
    let of_table = fresh.iter().filter(|record| record.table() == described);
    let newest: BTreeMap<RecordKey, &Record> = of_table.map(|record| (record.key(), record)).collect();
    let minutes = || newest.values().map(|record| record.ts().minute());
    let (Some(first), Some(last)) = (minutes().min(), minutes().max()) else { return Ok(published) };
    let rows = read(in_memory(file(described, &newest).map_err(QueryError::from)?))?;
    let may_replace = snapshot.overlapping(&table, first, last.plus(1)).next().is_some();
    let kept = if may_replace {
        let key_columns = described.columns.iter().take(described.key_columns).map(|column| col(column.name));
        let keys: Vec<_> = [col("ts")].into_iter().chain(key_columns).collect();
        let replaced = rows.clone().select(keys.clone());
        published.join(replaced, keys.clone(), keys, JoinArgs::new(JoinType::Anti))
    } else {
        published
    };
    concat([kept, rows], UnionArgs::default()).map_err(explain)
}

fn file(described: &'static RecordTable, rows: &BTreeMap<RecordKey, &Record>) -> Result<Vec<u8>, ParquetError> {
    let mut writer = RecordWriter::new(Vec::new(), described)?;
    for record in rows.values() {
        writer.push(record)?;
    }
    Ok(writer.finish()?.1)
}
