import shell from "./ko/shell";

/** Every text, by view. */
export const ko = { shell };
