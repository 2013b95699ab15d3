/** Which incidents are asked for; the state comes in addition. */
export interface Wanted {
  from: string;
  to?: string;
  severity?: string;
  channel?: string;
}

/** Open incidents on a page: more than people can see to. */
export const ONE_PAGE = 200;
/** Incidents that are over on a page. */
export const A_PAGE = 25;
