/** Objects by name: the description calls some members only an object, and their names are data. */
export type Named<Value> = Record<string, Value>;

/** The share of calls of each channel, 0 to 1. */
export type Shares = Named<number>;

/** What the description calls an object, as the names and values that its text promises; nothing for `null`. */
export function named<Value>(told: object | null | undefined): Named<Value> {
  return (told ?? {}) as Named<Value>;
}
