import assert from "node:assert/strict";
import { buildSchema, getNamedType, Kind, parseValue, type DocumentNode, type FieldNode, type GraphQLObjectType, type OperationDefinitionNode } from "graphql";
import { test } from "vitest";
import { addField, firstLiteral, isLiteral, read, removeField, setArgument, withMember, type Owner, type Step } from "./build";

const schema = buildSchema(`
  type Query { viewer: Viewer site(contentUrl: String): Site }
  type Viewer { username: String! roles: [String!]! }
  type Site { name: String view(by: Lookup!): View workbooks(first: Int, orderBy: [Order!]): Workbooks target: Target }
  type Workbooks { totalCount: Int nodes: [Workbook!]! }
  type Workbook { luid: ID name: String owner: Viewer }
  type View { path: String }
  union Target = View | Workbook
  input Lookup @oneOf { luid: ID path: String }
  input Order { field: Field! direction: Direction }
  enum Field { NAME SIZE }
  enum Direction { ASC DESC }
`);

function open(text: string) {
  const document = read(text) as DocumentNode;
  const operation = document.definitions[0] as OperationDefinitionNode | undefined;
  // The steps to a field, with the nodes that the query has.
  const steps = (...names: string[]): Step[] => {
    let type = schema.getQueryType() as GraphQLObjectType;
    let owner: Owner | undefined = operation;
    return names.map((name) => {
      const field = type.getFields()[name];
      assert.ok(field, name);
      type = getNamedType(field.type) as GraphQLObjectType;
      const node = owner?.selectionSet?.selections.find((s): s is FieldNode => s.kind === Kind.FIELD && s.name.value === name);
      owner = node;
      return { field, node };
    });
  };
  const add = (...names: string[]) => addField(text, operation, steps(...names));
  const remove = (...names: string[]) => {
    const path = steps(...names);
    const nodes = path.map((s) => s.node as FieldNode);
    return removeField(text, [operation as Owner, ...nodes.slice(0, -1)], nodes.at(-1) as FieldNode);
  };
  const argument = (names: string[], name: string, literal?: string) => setArgument(text, steps(...names).at(-1)?.node as FieldNode, name, literal);
  return { add, remove, argument };
}

test("a field is added below the others, with what it needs, and comments stay", () => {
  assert.equal(open("").add("viewer"), "query MyQuery {\n  viewer {\n    username\n  }\n}\n");
  assert.equal(open("# none").add("site", "name"), "# none\nquery MyQuery {\n  site {\n    name\n  }\n}\n");
  const text = "query Q {\n  site { # one\n    name # two\n  }\n}\n";
  assert.equal(open(text).add("site", "workbooks"), "query Q {\n  site { # one\n    name # two\n    workbooks {\n      nodes {\n        name\n      }\n    }\n  }\n}\n");
  assert.equal(open("{ site { name } }").add("viewer", "roles"), "{ site { name } viewer { roles } }");
  assert.equal(open("{\n  site\n}").add("site", "name"), "{\n  site {\n    name\n  }\n}");
  assert.match(open("").add("site", "view"), /view\(by: \{luid: ""\}\) \{\n {6}path/);
  assert.match(open("").add("site", "target"), /target \{\n {6}__typename/);
  assert.equal(open("{ site { name } }").add("site", "name"), "{ site { name } }");
});

test("a field is removed with its line, and what would be empty goes too", () => {
  const text = "query Q {\n  viewer {\n    username\n    roles\n  }\n  site { name }\n}\n";
  assert.equal(open(text).remove("viewer", "roles"), "query Q {\n  viewer {\n    username\n  }\n  site { name }\n}\n");
  assert.equal(open(text).remove("site", "name"), "query Q {\n  viewer {\n    username\n    roles\n  }\n}\n");
  assert.equal(open("{ viewer { username roles } }").remove("viewer", "roles"), "{ viewer { username } }");
  assert.equal(open("# mine\n{ viewer { username } }\n").remove("viewer", "username"), "# mine\n");
});

test("arguments are added, changed and removed", () => {
  const text = "{ site { workbooks { totalCount } } }";
  const first = open(text).argument(["site", "workbooks"], "first", "5");
  assert.equal(first, "{ site { workbooks(first: 5) { totalCount } } }");
  const both = open(first).argument(["site", "workbooks"], "orderBy", "{field: NAME}");
  assert.equal(both, "{ site { workbooks(first: 5, orderBy: {field: NAME}) { totalCount } } }");
  assert.equal(open(both).argument(["site", "workbooks"], "first", "7"), both.replace("5", "7"));
  assert.equal(open(both).argument(["site", "workbooks"], "first"), "{ site { workbooks(orderBy: {field: NAME}) { totalCount } } }");
  assert.equal(open(first).argument(["site", "workbooks"], "first"), text);
});

test("members of input objects are set one by one", () => {
  assert.equal(withMember(undefined, "a", "1"), "{a: 1}");
  assert.equal(withMember(parseValue("{a: 1, b: [2]}"), "a", "$x"), "{a: $x, b: [2]}");
  assert.equal(withMember(parseValue("{a: 1}"), "a", undefined), "{}");
});

test("arguments begin with a value of their type", () => {
  const site = schema.getType("Site") as GraphQLObjectType;
  const types = Object.fromEntries(site.getFields()["workbooks"]?.args.map((a) => [a.name, firstLiteral(a.type)]) ?? []);
  assert.deepEqual(types, { first: "10", orderBy: "{field: NAME}" });
});

test("a mistake is said", () => {
  assert.match((read("{ a") as { problem: string }).problem, /Expected Name/);
  assert.ok(isLiteral("[1, $a]") && !isLiteral("[1"));
});
