let last: Promise<unknown> = Promise.resolve();

/**
 * Asks once everything that was asked before this way is answered. What is dear for the server goes one by one: all at once it
 * would take the place of everybody else's questions.
 */
export function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const next = last.then(ask);
  // Who is next waits for the answer and does not care what it is.
  last = next.catch(() => undefined);
  return next;
}
