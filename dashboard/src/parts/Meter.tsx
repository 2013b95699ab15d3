interface Props {
  label: string;
  /** A ratio 0..1. */
  value: number;
  /** The value as people read it. */
  text: string;
  tone?: "good" | "warn" | "bad" | "risk" | "plain";
}

/** A part of a whole as a bar with its name and its value. */
export function Meter({ label, value, text, tone = "plain" }: Props) {
  return (
    <div className={`meter meter--${tone}`}>
      <span className="meter__label">{label}</span>
      <span className="meter__text">{text}</span>
      <span className="meter__track" aria-hidden>
        <span style={{ inlineSize: `${Math.min(Math.max(value, 0), 1) * 100}%` }} />
      </span>
    </div>
  );
}
