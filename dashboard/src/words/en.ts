import shell from "./en/shell";

/** Every text, by view. */
export const en = { shell };
