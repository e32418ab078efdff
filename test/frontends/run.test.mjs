// The queries of the guide and of a portal run with the usual clients, configured by the client kit, in front of `vitrine demo`. Nothing
// is written to the console.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { cacheExchange } from "@urql/exchange-graphcache";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { Client, fetchExchange } from "@urql/core";
import { buildSchema, getNamedType, introspectionFromSchema, parse, print, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { startDemo } from "../browser/program.mjs";
import { documents, kit, sdl } from "./queries.mjs";

let demo;
let headers;
const said = [];

before(
  async () => {
    demo = await startDemo();
    headers = { Authorization: `Bearer ${await demo.token("carol")}` };
    for (const method of ["warn", "error"]) console[method] = (...words) => said.push(words.join(" ").slice(0, 500));
  },
  { timeout: 240_000 },
);

after(() => demo?.stop(), { timeout: 240_000 });

// Those with variables need values that are there.
const runnable = documents.filter(({ text }) => !parse(text).definitions.some((d) => d.variableDefinitions?.some((v) => v.type.kind === "NonNullType")));

const whole = buildSchema(sdl, { assumeValidSDL: true });

// withIds selects id wherever there is one, as normalizing caches need it; the guide leaves it out for brevity.
function withIds(text) {
  const info = new TypeInfo(whole);
  const id = { kind: "Field", name: { kind: "Name", value: "id" } };
  const leave = (node) => {
    const type = getNamedType(info.getType());
    const fields = type?.getFields?.() ?? {};
    if (!fields.id || node.selections.some((s) => s.name?.value === "id" && !s.alias)) return undefined;
    return { ...node, selections: [id, ...node.selections] };
  };
  return print(visit(parse(text), visitWithTypeInfo(info, { SelectionSet: { leave } })));
}

test("urql with graphcache", async () => {
  const schema = minifyIntrospectionQuery(introspectionFromSchema(whole));
  const keys = Object.fromEntries(JSON.parse(kit("types-without-id.json")).map((name) => [name, () => null]));
  const client = new Client({ url: `${demo.origin}/graphql`, preferGetMethod: false, fetchOptions: { headers }, exchanges: [cacheExchange({ schema, keys }), fetchExchange] });
  await runAll((text) => client.query(text, {}).toPromise());
});

test("Apollo Client", async () => {
  const client = new ApolloClient({
    link: ApolloLink.from([new HttpLink({ uri: `${demo.origin}/graphql`, headers })]),
    cache: new InMemoryCache({ possibleTypes: JSON.parse(kit("possible-types.json")) }),
  });
  await runAll((text) => client.query({ query: parse(text), errorPolicy: "all" }));
});

async function runAll(query) {
  said.length = 0;
  let answered = 0;
  for (const { name, text } of runnable) {
    const { data, error } = await query(withIds(text));
    if (data) answered++;
    else said.push(`${name} was not answered: ${error}`);
  }
  assert.ok(answered > 25, `${answered} queries were answered`);
  assert.deepEqual(said, []);
}
