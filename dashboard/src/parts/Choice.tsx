import { Select, SelectItem } from "@carbon/react";
import { useId } from "react";

interface Props {
  label: string;
  value: string;
  /** What can be chosen, and how it reads. */
  options: [value: string, text: string][];
  choose: (value: string) => void;
  /** Whether the label is for screen readers only. */
  bare?: boolean;
}

/** One of a few, as a small menu. */
export function Choice({ label, value, options, choose, bare = false }: Props) {
  return (
    <Select
      id={useId()}
      size="sm"
      labelText={label}
      hideLabel={bare}
      value={value}
      onChange={(event) => choose(event.target.value)}
    >
      {options.map(([option, text]) => (
        <SelectItem key={option} value={option} text={text} />
      ))}
    </Select>
  );
}
