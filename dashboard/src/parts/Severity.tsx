import { Tag } from "@carbon/react";

const TYPES = { P1: "red", P2: "magenta", P3: "purple", P4: "cool-gray" } as const;

/** How grave an incident is: P1, the gravest, to P4. */
export function Severity({ of }: { of: string }) {
  return (
    <Tag size="sm" type={TYPES[of as keyof typeof TYPES] ?? "gray"}>
      {of}
    </Tag>
  );
}
