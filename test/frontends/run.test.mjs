// The queries of the guide and of a portal run with the usual clients, configured by the client kit, in front of `vitrine demo` with its
// default limits. Nothing is written to the console.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { cacheExchange } from "@urql/exchange-graphcache";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { Client, fetchExchange } from "@urql/core";
import relay from "relay-runtime";
import { buildSchema, getNamedType, introspectionFromSchema, parse, print, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { startDemo } from "../browser/program.mjs";
import { documents, kit, sdl } from "./queries.mjs";
import { compileForRelay } from "./relay.mjs";

let demo;
let headers;
let variables;
const said = [];

before(
  async () => {
    demo = await startDemo();
    headers = { Authorization: `Bearer ${await demo.token("carol")}` };
    variables = await variablesOf();
    for (const method of ["warn", "error"]) console[method] = (...words) => said.push(words.join(" ").slice(0, 500));
  },
  { timeout: 240_000 },
);

after(() => demo?.stop(), { timeout: 240_000 });

async function ask(query, values) {
  const body = JSON.stringify({ query, variables: values });
  const answer = await fetch(`${demo.origin}/graphql`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  return answer.json();
}

// variablesOf returns variables for the queries that need some, by name, with values that are there.
async function variablesOf() {
  const { data, errors } = await ask(`query Values { site(contentUrl: "") {
    me { name }
    projects(first: 1, filter: {name: {eq: "Finance"}}) { nodes { id luid } }
    workbook(by: {contentUrl: "Superstore"}) { id luid views { luid path } }
    dataSources(first: 1) { nodes { luid } }
    jobs(first: 1) { nodes { luid } }
    groups(first: 1) { nodes { name } }
  } }`);
  assert.equal(errors, undefined, JSON.stringify(errors));
  const { me, projects, workbook, dataSources, jobs, groups } = data.site;
  const luid = (object) => ({ site: "", luid: object.luid });
  const view = luid(workbook.views[0]);
  const values = {
    ProjectPage: luid(projects.nodes[0]),
    ProjectPermissions: luid(projects.nodes[0]),
    WorkbookPage: luid(workbook),
    ViewPage: { site: "", path: workbook.views[0].path, size: { width: 400, height: 300 } },
    ViewDownloads: view,
    ChartData: view,
    CustomViewsOfView: view,
    PortalSearchBox: { site: "", typed: "sa" },
    SearchPage: { site: "", terms: "sales", kinds: ["WORKBOOK", "VIEW"] },
    MyContent: { site: "", me: me.name },
    DataSourcePage: luid(dataSources.nodes[0]),
    TagPage: { site: "", label: "finance" },
    Compare: { contentUrl: "marketing" },
    GroupMembers: { site: "", name: groups.nodes[0].name },
    UserPage: { site: "", name: "alice" },
    AdminBoard: { site: "", since: "2020-01-01T00:00:00Z" },
    JobDetail: luid(jobs.nodes[0]),
    OnePage: { view: { path: workbook.views[0].path } },
    Again: { id: workbook.id },
    Refetch: { ids: [projects.nodes[0].id, workbook.id] },
  };
  return ({ name, text }) => {
    const defined = parse(text).definitions.flatMap((d) => d.variableDefinitions ?? []);
    return values[name] ?? (defined.some((v) => v.variable.name.value === "site") ? { site: "" } : {});
  };
}

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
  await runAll(({ text }, values) => client.query(withIds(text), values).toPromise());
});

test("Apollo Client", async () => {
  const client = new ApolloClient({
    link: ApolloLink.from([new HttpLink({ uri: `${demo.origin}/graphql`, headers })]),
    cache: new InMemoryCache({ possibleTypes: JSON.parse(kit("possible-types.json")) }),
  });
  await runAll(({ text }, values) => client.query({ query: parse(withIds(text)), variables: values, errorPolicy: "all" }));
});

test("Relay", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "vitrine-relay-"));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "package.json"), `{"type": "module"}`);
  const artifacts = await compileForRelay(dir, { language: "javascript" });
  const { Environment, Network, RecordSource, Store, fetchQuery } = relay;
  const environment = new Environment({ network: Network.create(({ text }, values) => ask(text, values)), store: new Store(new RecordSource()) });
  await runAll(async ({ name }, values) => {
    const { default: artifact } = await import(pathToFileURL(artifacts.get(name)).href);
    return { data: await fetchQuery(environment, artifact, values).toPromise() };
  });
});

// runAll runs all queries with their variables and the server's default limits: each is answered, and nothing is written to the console.
async function runAll(query) {
  said.length = 0;
  for (const document of documents) {
    try {
      const { data, error } = await query(document, variables(document));
      if (!data) said.push(`${document.name} was not answered: ${error}`);
    } catch (error) {
      said.push(`${document.name}: ${error}`);
    }
  }
  assert.deepEqual(said, []);
}
