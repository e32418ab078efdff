// Queries to begin with, from examples.graphql. Each names the area that it needs, and is offered to those who have it.
import { parse, print } from "graphql";
import text from "./examples.graphql";

export interface Example {
  name: string;
  group: string;
  area: string;
  /** A user of the demo who has that area. */
  user: string;
  variables: string;
  query: string;
}

/** examplesOf reads the examples of a text: comments of the form "# name: …" above each query. */
export function examplesOf(source: string): Example[] {
  return source
    .split(/^(?=# name: )/m)
    .filter((part) => part.startsWith("# name: "))
    .map((part) => {
      const header = (key: string) => new RegExp(`^# ${key}: (.*)$`, "m").exec(part)?.[1] ?? "";
      const values = header("variables");
      return {
        name: header("name"),
        group: header("group"),
        area: header("area"),
        user: header("user"),
        variables: values && JSON.stringify(JSON.parse(values), null, 2),
        query: `${print(parse(part))}\n`,
      };
    });
}

export const examples = examplesOf(text);
