import { Table, TableBody, TableCell, TableContainer, TableHead, TableHeader, TableRow } from "@carbon/react";
import type { ReactNode } from "react";

/** A column of a {@link Grid}. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand right. */
  figures?: boolean;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** Whether a row is the one that the page is about. */
  chosen?: (row: Row) => boolean;
}

/** A table of rows; scrolls sideways by itself where it does not fit. */
export function Grid<Row>({ label, columns, rows, keyOf, chosen }: Props<Row>) {
  return (
    <div className="grid" tabIndex={0} role="group" aria-label={label}>
      <TableContainer>
        <Table size="sm" aria-label={label}>
          <TableHead>
            <TableRow>
              {columns.map(({ title, figures }) => (
                <TableHeader key={title} className={figures ? "grid__figures" : ""}>
                  {title}
                </TableHeader>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={keyOf(row)} isSelected={chosen?.(row) ?? false}>
                {columns.map(({ title, cell, figures }) => (
                  <TableCell key={title} className={figures ? "grid__figures" : ""}>
                    {cell(row)}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </div>
  );
}
