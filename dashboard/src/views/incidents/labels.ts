/** Reads labels, one `name=value` a line; `undefined` if a line is none, or if there are none. */
export function readLabels(text: string): Record<string, string> | undefined {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const read = lines.map((line) => /^([^=\s]+)\s*=\s*(.+)$/.exec(line));
  if (lines.length === 0 || read.includes(null)) return undefined;
  return Object.fromEntries(read.map((found) => [found?.[1] ?? "", found?.[2] ?? ""]));
}
