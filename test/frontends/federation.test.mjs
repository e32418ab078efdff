// Vitrine is a subgraph of Apollo Federation 2: its schema composes with that of another subgraph, and Apollo's gateway answers queries
// over both, in front of `vitrine demo --federation`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApolloGateway, IntrospectAndCompose, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse, Source } from "graphql";
import { startDemoWith } from "../browser/program.mjs";

let demo;

before(
  async () => {
    demo = await startDemoWith(["--federation"]);
  },
  { timeout: 240_000 },
);

after(() => demo?.stop(), { timeout: 240_000 });

// Notes on views, as another team keeps them. It has a type for pages as Vitrine has, and refers to views by their ids.
const notes = (views) => ({
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
    type Query { notes: [Note!]! }
    type Note { text: String! view: View }
    type View @key(fields: "id") { id: ID! noteCount: Int! }
    type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }
  `),
  resolvers: {
    Query: { notes: () => views.map((id, i) => ({ text: `note ${i}`, view: { id } })) },
    View: { noteCount: ({ id }) => views.indexOf(id) + 1 },
  },
});

async function ask(token, query, variables) {
  const answer = await fetch(`${demo.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

test("Apollo's gateway composes the schema and answers queries over two subgraphs", async () => {
  const token = await demo.token("alice");
  const { data } = await ask(token, `{ site(contentUrl: "") { views(first: 3) { nodes { id name } } } }`);
  const views = data.site.views.nodes;
  const ids = [...views.map((view) => view.id), "gone"];
  const requests = [];
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: [
        { name: "vitrine", url: `${demo.origin}/graphql` },
        { name: "notes", url: "http://notes.invalid" },
      ],
      introspectionHeaders: { authorization: `Bearer ${token}` },
    }),
    buildService: ({ name, url }) => {
      if (name === "notes") return new LocalGraphQLDataSource(buildSubgraphSchema(notes(ids)));
      return new (class extends RemoteGraphQLDataSource {
        willSendRequest({ request }) {
          request.http.headers.set("authorization", `Bearer ${token}`);
          requests.push(request);
        }
      })({ url });
    },
    logger: { debug() {}, info() {}, warn() {}, error: (text) => assert.fail(text) },
  });
  const { executor } = await gateway.load();
  try {
    const run = async (text) => {
      const document = parse(text);
      return executor({
        document,
        request: { query: text },
        queryHash: text,
        operationName: null,
        operation: document.definitions[0],
        context: {},
        schema: gateway.schema,
        source: new Source(text).body,
        metrics: {},
        logger: console,
        cache: { get: async () => undefined, set: async () => {}, delete: async () => {} },
        overallCachePolicy: { restrict() {} },
      });
    };
    requests.length = 0;
    const fromNotes = await run("{ notes { text view { id name noteCount } } }");
    assert.deepEqual(
      fromNotes.data.notes.map(({ view }) => view && { ...view }),
      [...views.map((view, i) => ({ ...view, noteCount: i + 1 })), null],
    );
    assert.ok(fromNotes.errors.some((error) => error.extensions.code === "NOT_FOUND"));
    const reads = requests.filter((request) => request.query.includes("_entities"));
    assert.equal(reads.length, 1, "all entities of an answer are asked for at once");

    const fromVitrine = await run('{ site(contentUrl: "") { views(first: 3) { pageInfo { hasNextPage } nodes { name noteCount } } } }');
    assert.deepEqual(
      fromVitrine.data.site.views.nodes.map((view) => ({ ...view })),
      views.map(({ name }, i) => ({ name, noteCount: i + 1 })),
    );
    assert.equal(fromVitrine.errors, undefined);
  } finally {
    await gateway.stop();
  }
});
