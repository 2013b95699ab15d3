import { ago, clock, GAP, instant, utc } from "./format";

/** An instant in the viewer's zone; UTC on hover and to screen readers. */
export function When({ at, relative = false }: { at: string | null | undefined; relative?: boolean }) {
  if (!at) return <span>{GAP}</span>;
  const seconds = instant(at);
  return (
    <time dateTime={at} title={utc(seconds)}>
      {relative ? ago(seconds) : clock(seconds)}
    </time>
  );
}
