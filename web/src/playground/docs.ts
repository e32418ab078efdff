// Opens GraphiQL's documentation at a type or a field.
import { useSchemaStore, type SchemaContextType } from "@graphiql/react";
import { isInputObjectType, isInterfaceType, isObjectType, type GraphQLField, type GraphQLSchema } from "graphql";
import { useCallback, useEffect } from "react";

type SchemaReference = NonNullable<SchemaContextType["schemaReference"]>;

/** typeInLink is the type or field that an address names: #type=Workbook.views. */
export function typeInLink(fragment: string): string | undefined {
  const name = new URLSearchParams(fragment.replace(/^#/, "")).get("type");
  return name && /^\w+(\.\w+)?$/.test(name) ? name : undefined;
}

// GraphiQL opens the pane of a plugin with the button alone.
function openPane(title: string): void {
  document.querySelector<HTMLElement>(`.graphiql-sidebar button[aria-label="Show ${title}"]`)?.click();
}

/** useDocs returns a function that shows a type, or a field as Type.field. It returns false for one that the schema does not have. */
export function useDocs(): (member: string) => boolean {
  const { schema, setSchemaReference } = useSchemaStore();
  return useCallback(
    (member) => {
      const references = schema ? referencesOf(schema, member) : [];
      if (references.length === 0) return false;
      openPane("Documentation Explorer");
      // One at a time: each becomes a step of the way back.
      references.forEach((reference, i) => setTimeout(() => setSchemaReference(reference), 50 * i));
      return true;
    },
    [schema, setSchemaReference],
  );
}

function referencesOf(schema: GraphQLSchema, member: string): SchemaReference[] {
  const [name = "", field] = member.split(".");
  const type = schema.getType(name);
  if (!type) return [];
  const reference: SchemaReference = { kind: "Type", schema, type };
  if (!field) return [reference];
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [];
  const found = type.getFields()[field];
  return found ? [reference, { kind: "Field", schema, type, field: found as GraphQLField<unknown, unknown> }] : [];
}

/** useLinkedType shows the type of a link once the schema is there, and says if the schema does not have it. */
export function useLinkedType(member: string | undefined, missing: (member: string) => void): void {
  const { schema } = useSchemaStore();
  const show = useDocs();
  useEffect(() => {
    if (!schema || !member) return;
    if (!show(member)) missing(member);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for a link
  }, [schema === null || schema === undefined, member]);
}
