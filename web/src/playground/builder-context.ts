// What the rows of the query builder share.
import type { FieldNode, GraphQLSchema, InlineFragmentNode } from "graphql";
import { createContext, useContext } from "react";
import type { Owner, Step } from "./build";

/** A field as the builder explains it. */
export interface Described {
  member: string;
  type: string;
  text: string;
}

export interface Building {
  schema: GraphQLSchema;
  /** Part of a name that rows are limited to, in lower case; empty for all. */
  filter: string;
  describe: (described: Described) => void;
  add: (path: readonly Step[]) => void;
  remove: (around: readonly Owner[], node: FieldNode | InlineFragmentNode) => void;
  set: (field: FieldNode, name: string, literal: string | undefined) => void;
}

export const BuilderContext = createContext<Building | undefined>(undefined);

export function useBuilding(): Building {
  const building = useContext(BuilderContext);
  if (!building) throw new Error("a row of the builder is outside of it");
  return building;
}
