import channel from "./ko/channel";
import shell from "./ko/shell";

/** Every text, by view. */
export const ko = { shell, channel };
