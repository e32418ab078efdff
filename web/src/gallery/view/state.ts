// The state of a view: its filters and parameters, kept in the address so that it can be shared and found again.
import type { ViewOptions } from "../../gql/graphql";

export interface ViewState {
  filters: { field: string; values: string[] }[];
  parameters: { name: string; value: string }[];
}

/** readState reads f.FIELD=VALUE, once for each value, and p.NAME=VALUE. */
export function readState(search: URLSearchParams): ViewState {
  const filters = new Map<string, string[]>();
  const parameters: ViewState["parameters"] = [];
  for (const [key, value] of search) {
    const name = key.slice(2);
    if (key.startsWith("f.") && name) filters.set(name, [...(filters.get(name) ?? []), value]);
    if (key.startsWith("p.") && name) parameters.push({ name, value });
  }
  return { filters: [...filters].map(([field, values]) => ({ field, values })), parameters };
}

/** writeState puts the state in place of the one in search, and leaves everything else there. */
export function writeState(search: URLSearchParams, state: ViewState): URLSearchParams {
  const next = new URLSearchParams([...search].filter(([key]) => !key.startsWith("f.") && !key.startsWith("p.")));
  for (const { field, values } of state.filters) for (const value of values) next.append(`f.${field}`, value);
  for (const { name, value } of state.parameters) next.append(`p.${name}`, value);
  return next;
}

/** optionsOf is the state as an argument of image, data and files; null for a view as it opens. */
export function optionsOf({ filters, parameters }: ViewState): ViewOptions | null {
  if (filters.length === 0 && parameters.length === 0) return null;
  return { combine: "PRODUCT", ...(filters.length > 0 && { filters }), ...(parameters.length > 0 && { parameters }) };
}
