// Compares what Vitrine takes as variables and literals with what graphql-js takes, the reference implementation: for each type of an
// argument, and each field of an input. And reads its schema with versions of graphql-js that know @oneOf, and that do not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as graphql from "graphql";
import { buildSchema as buildSchemaOf168, versionInfo } from "graphql-16-8";
import { startDemo } from "../browser/program.mjs";

const { getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType, isAbstractType, isRequiredArgument } = graphql;

let demo;
let token;
let sdl;

before(
  async () => {
    demo = await startDemo();
    token = await demo.token("carol");
    sdl = await (await fetch(`${demo.origin}/schema.graphql`, { headers: { authorization: `Bearer ${token}` } })).text();
  },
  { timeout: 240_000 },
);

after(() => demo?.stop(), { timeout: 240_000 });

const scalars = {
  LUID: /^[A-Za-z0-9-]{1,64}$/,
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};

// readSchema gives the two custom scalars that inputs have the rules that the schema documents.
function readSchema() {
  const schema = graphql.buildSchema(sdl);
  for (const [name, form] of Object.entries(scalars)) {
    const scalar = schema.getType(name);
    if (!scalar) continue;
    scalar.parseValue = (value) => {
      if (typeof value !== "string" || !form.test(value) || (name === "DateTime" && Number.isNaN(Date.parse(value)))) throw new TypeError(`no ${name}`);
      return value;
    };
    scalar.parseLiteral = (node) => scalar.parseValue(node.kind === "StringValue" ? node.value : undefined);
  }
  return schema;
}

// As JSON, since JavaScript does not tell 2 from 2.0.
const samples = ["null", "true", "7", "2.0", "1e2", "5.5", "2147483648", '"2"', '"a"', '"a/b"', '""', '"asc"', '"ASC"', '"NAME"', '"2026-11-23T16:42:00Z"', '"yesterday"', "{}", '{"nothing":1}'];
const all = [...samples, ...samples.map((sample) => `[${sample}]`)];

// literal writes JSON as GraphQL does; names of enums lose their quotes, other numbers stay as they are written.
const literal = (json, type) =>
  json.replace(/"(\w+)":/g, "$1: ").replace(/"([A-Z_]+)"/g, (quoted, name) => (isEnumType(getNamedType(type)) ? name : quoted));

function right(type) {
  if (isNonNullType(type)) return right(type.ofType);
  if (isListType(type)) return `[${right(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0].name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((f, i) => (type.isOneOf ? i === 0 : isNonNullType(f.type) && f.defaultValue === undefined));
    return `{${fields.map((f) => `${f.name}: ${right(f.type)}`).join(", ")}}`;
  }
  return { Int: "1", Float: "1", Boolean: "true", DateTime: '"2026-11-23T16:42:00Z"' }[type.name] ?? '"a"';
}

// places finds a way from Query to each object type: a function that writes a selection of it into a document.
function places(schema) {
  const ways = new Map([["Query", (selection) => selection]]);
  for (const [name, way] of ways) {
    for (const field of Object.values(schema.getType(name).getFields())) {
      const type = getNamedType(field.type);
      const required = field.args.filter(isRequiredArgument).map((a) => `${a.name}: ${right(a.type)}`);
      const open = field.name + (required.length ? `(${required.join(", ")})` : "");
      if (isObjectType(type) && !ways.has(type.name)) ways.set(type.name, (selection) => way(`${open} { ${selection} }`));
      if (!isAbstractType(type)) continue;
      for (const member of schema.getPossibleTypes(type)) {
        if (!ways.has(member.name)) ways.set(member.name, (selection) => way(`${open} { ... on ${member.name} { ${selection} } }`));
      }
    }
  }
  return ways;
}

// trials are the documents to be judged: each type of an argument where it is met first, and each field of an input within it.
function* trials(schema) {
  const seen = new Set();
  for (const [name, way] of places(schema)) {
    for (const field of Object.values(schema.getType(name).getFields())) {
      for (const arg of field.args) {
        const key = `${arg.type} ${arg.defaultValue !== undefined}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const others = field.args.filter((a) => a !== arg && isRequiredArgument(a)).map((a) => `${a.name}: ${right(a.type)}`);
        const leaf = graphql.isLeafType(getNamedType(field.type)) ? "" : " { __typename }";
        const document = (head, value) => `${head} { ${way(`${field.name}(${[...others, `${arg.name}: ${value}`].join(", ")})${leaf}`)} }`;
        const judged = (json, text) => [
          { coordinate: `${name}.${field.name}(${arg.name}:)`, query: document(`query($v: ${arg.type})`, "$v"), variables: `{"v":${json}}` },
          { coordinate: `${name}.${field.name}(${arg.name}:)`, query: document("query", text), variables: "{}" },
        ];
        for (const json of all) yield* judged(json, literal(json, arg.type));
        const input = getNamedType(arg.type);
        if (!isInputObjectType(input)) continue;
        for (const inner of Object.values(input.getFields())) {
          const samplesOf = isInputObjectType(getNamedType(inner.type)) ? fieldSamples(getNamedType(inner.type)) : samples;
          for (const json of samplesOf) yield* judged(`{"${inner.name}":${json}}`, `{${inner.name}: ${literal(json, inner.type)}}`);
        }
        if (input.isOneOf) yield* ['{"luid":"","path":"a/b"}', '{"luid":null}', '{"luid":"a","name":null}', '{"luid":"a"}'].flatMap((json) => judged(json, literal(json, arg.type)));
      }
    }
  }
}

const fieldSamples = (type) => ["null", "7", "[]", ...Object.keys(type.getFields()).slice(0, 2).flatMap((name) => ['"a"', "7", "null", "[5.5]"].map((json) => `{"${name}":${json}}`))];

// expected is the verdict of graphql-js.
function expected(schema, { query, variables }) {
  const document = graphql.parse(query);
  if (graphql.validate(schema, document).length) return false;
  return !graphql.getVariableValues(schema, document.definitions[0].variableDefinitions, JSON.parse(variables)).errors;
}

async function given({ query, variables }) {
  const body = `{"query":${JSON.stringify(query)},"variables":${variables},"extensions":{"vitrine":{"dryRun":true}}}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/graphql-response+json" };
  const answer = await fetch(`${demo.origin}/graphql`, { method: "POST", headers, body });
  return { status: answer.status, ...(await answer.json()) };
}

test("variables and literals are taken as graphql-js takes them", { timeout: 1_200_000 }, async () => {
  const schema = readSchema();
  const queue = [...trials(schema)];
  const counted = { taken: 0, refused: 0 };
  const wrong = [];
  const judge = async () => {
    for (let trial = queue.pop(); trial; trial = queue.pop()) {
      const want = expected(schema, trial);
      const got = await given(trial);
      counted[want ? "taken" : "refused"]++;
      const error = got.errors?.[0];
      const good = want ? !error : got.status === 400 && error?.extensions.code === "GRAPHQL_VALIDATION_FAILED" && error.locations?.length > 0;
      if (!good) wrong.push(`${trial.coordinate} ${trial.query} ${trial.variables}: graphql-js takes it: ${want}; ${got.status} ${JSON.stringify(got.errors)}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, judge));
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} differ`);
  assert.ok(counted.taken > 300 && counted.refused > 1000, JSON.stringify(counted));
});

test("the schema can be read by itself", () => {
  assert.ok(versionInfo.major === 16 && versionInfo.minor <= 8, "a version that does not know @oneOf is wanted");
  const schema = buildSchemaOf168(sdl);
  assert.ok(schema.getDirective("oneOf"));
  assert.ok(schema.getQueryType());
});
