import channel from "./en/channel";
import shell from "./en/shell";

/** Every text, by view. */
export const en = { shell, channel };
