import { api, type Body, http } from "./client";

/**
 * The forecasts that the engine has of a channel, asked for before any of them is: one that is not there yet is an error of the
 * interface, and nothing is wrong with a channel that is only young.
 */
export function useStanding(channel: string) {
  return api.useQuery("get", "/v1/channels/{id}/forecasts", { params: { path: { id: channel } } });
}

/** Whether anything is forecast of the channel. */
export async function isForecast(channel: string, signal: AbortSignal): Promise<boolean> {
  const { data } = await http.GET("/v1/channels/{id}/forecasts", { params: { path: { id: channel } }, signal });
  return (data as Body<"StandingList">).forecasts.length > 0;
}
