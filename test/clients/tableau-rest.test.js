// The npm package tableau-rest, a client that knows nothing of Vitrine, reads the stand-in: JSON with sessions, pages, filters, files.
const assert = require("node:assert/strict");
const { existsSync, mkdtempSync, readdirSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { after, before, test } = require("node:test");
const TableauClient = require("tableau-rest");

let sandbox;

before(
  async () => {
    const { startSandbox } = await import("../browser/program.mjs");
    sandbox = await startSandbox();
  },
  { timeout: 30_000 },
);

after(() => sandbox?.stop(), { timeout: 30_000 });

async function signedIn(user, version = "3.27", site = "") {
  const client = new TableauClient({ host: sandbox.tableau, version, user, password: user, site });
  await client.signIn();
  return client;
}

// pages reads all pages of a list as the package's users do, by number until all are there.
async function pages(read, pageSize) {
  const all = [];
  for (let pageNumber = 1; ; pageNumber++) {
    const { pagination, items } = await read({ pageSize, pageNumber });
    assert.equal(pagination.pageNumber, String(pageNumber));
    assert.equal(pagination.pageSize, String(pageSize));
    all.push(...items);
    if (all.length >= Number(pagination.totalAvailable)) return { all, total: Number(pagination.totalAvailable) };
  }
}

for (const version of ["3.0", "3.14", "3.27"]) {
  test(`workbooks and data sources come in pages, API ${version}`, async () => {
    const client = await signedIn("alice", version);
    const workbooks = await pages(async (o) => {
      const { pagination, workbooks } = await client.queryWorkbooks(o);
      return { pagination, items: workbooks.workbook };
    }, 7);
    assert.ok(workbooks.total > 14, `only ${workbooks.total} workbooks`);
    assert.equal(new Set(workbooks.all.map((w) => w.id)).size, workbooks.total);
    for (const w of workbooks.all) for (const key of ["id", "name", "contentUrl"]) assert.equal(typeof w[key], "string", key);
    const sources = await pages(async (o) => {
      const { pagination, datasources } = await client.queryDataSources(o);
      return { pagination, items: datasources.datasource };
    }, 4);
    assert.equal(new Set(sources.all.map((d) => d.id)).size, sources.total);
    await client.signOut();
  });
}

test("projects come whole, and their content names them", async () => {
  const client = await signedIn("alice");
  const { projects } = await client.queryProjects();
  const ids = new Set(projects.project.map((p) => p.id));
  const { workbooks } = await client.queryWorkbooks({ pageSize: 1000 });
  for (const w of workbooks.workbook) if (w.project) assert.ok(ids.has(w.project.id), `${w.name} is in an unknown project`);
});

test("views are found by name, by workbook and by project", async () => {
  const client = await signedIn("alice");
  const all = (await client.queryViews({ pageSize: 1000 })).views.view;
  const names = new Set(all.map((v) => v.name));
  assert.ok([...names].some((n) => /[&+.]/.test(n)), "no name that needs encoding");
  for (const name of [...names].filter((n) => !n.includes(",") && !n.includes("&"))) {
    const found = await client.queryViews({ name, pageSize: 1000 });
    assert.deepEqual(found.views.view.map((v) => v.id).sort(), all.filter((v) => v.name === name).map((v) => v.id).sort(), name);
    assert.equal(found.pagination.totalAvailable, String(found.views.view.length));
  }
  const { workbooks } = await client.queryWorkbooks({ pageSize: 1000 });
  for (const w of workbooks.workbook.slice(0, 5)) {
    const own = (await client.queryViews({ workbookId: w.id })).views.view;
    assert.deepEqual(own.map((v) => v.id).sort(), all.filter((v) => v.workbook.id === w.id).map((v) => v.id).sort(), w.name);
    const byName = (await client.queryViews({ workbookName: w.name, pageSize: 1000 })).views.view;
    assert.ok(byName.length > 0 && byName.every((v) => v.workbook.name === w.name), w.name);
  }
  assert.equal((await client.queryViews({ name: "no view has this name" })).pagination.totalAvailable, "0");
});

test("files are downloaded: a workbook, and a data source that the client takes apart", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "vitrine-clients-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const client = await signedIn("alice");
  const { workbooks } = await client.queryWorkbooks({ pageSize: 1000 });
  const workbook = workbooks.workbook.find((w) => w.name === "Superstore");
  await client.downloadWorkbook(workbook.id, { dir });
  assert.ok(existsSync(join(dir, `${workbook.id}.twb`)));
  const { datasources } = await client.queryDataSources({ pageSize: 100 });
  const source = datasources.datasource.find((d) => d.name === "Superstore Datasource");
  await client.downloadDataSource(source.id, { dir, extract: true });
  assert.ok(existsSync(join(dir, `${source.id}.tdsx`)));
  assert.ok(readdirSync(join(dir, source.id)).some((name) => name.endsWith(".tds")));
});

test("a picture of a view is a picture", async () => {
  const client = await signedIn("bob");
  const { views } = await client.queryViews({ pageSize: 1 });
  for (const url of [`views/${views.view[0].id}/image?resolution=high&maxAge=1`, `workbooks/${views.view[0].workbook.id}/previewImage`]) {
    const picture = await client.$request({ method: "GET", url, encoding: null });
    assert.equal(Buffer.from(picture).subarray(1, 4).toString(), "PNG", url);
  }
});

test("the client changes the site, and its former token is dead", async () => {
  const client = await signedIn("carol");
  const [before, token] = [(await client.queryWorkbooks({ pageSize: 1000 })).workbooks.workbook, client.$token];
  await client.switchSite("marketing");
  const there = (await client.queryWorkbooks({ pageSize: 1000 })).workbooks.workbook;
  assert.ok(there.length > 0 && there.every((w) => before.every((b) => b.id !== w.id)));
  assert.notEqual(client.$token, token);
  client.$token = token;
  await assert.rejects(client.$request({ url: "workbooks" }), { statusCode: 401 });
});

test("a session that has ended is opened again by the client, as it does on 401", async () => {
  const client = await signedIn("alice");
  const ended = client.$token;
  await client.signOut();
  client.$token = ended;
  const { pagination } = await client.queryWorkbooks({ pageSize: 1 });
  assert.ok(Number(pagination.totalAvailable) > 0);
  assert.notEqual(client.$token, ended);
});

test("refusals have Tableau's codes", async () => {
  const refused = (promise) => promise.then(() => assert.fail("it was let"), (e) => [e.statusCode, e.error?.error?.code]);
  assert.deepEqual(await refused(signedIn("alice", "3.27", "nowhere")), [401, "401001"]);
  const client = new TableauClient({ host: sandbox.tableau, version: "3.27", user: "alice", password: "wrong" });
  assert.deepEqual(await refused(client.signIn()), [401, "401001"]);
  const alice = await signedIn("alice");
  assert.deepEqual(await refused(alice.queryWorkbooks({ pageSize: 10, pageNumber: 1000 })), [400, "400006"]);
  assert.deepEqual(await refused(alice.queryWorkbooks({ pageSize: 5000 })), [403, "403014"]);
  assert.deepEqual(await refused(alice.$request({ url: "workbooks/00000000-0000-0000-0000-000000000000" })), [404, "404006"]);
});

test("who administers the server lists its sites, others their own", async () => {
  for (const [user, own] of [["admin", ["", "finance", "marketing"]], ["bob", [""]]]) {
    const { sites } = await (await signedIn(user)).querySites();
    assert.deepEqual(sites.site.map((s) => s.contentUrl).sort(), own, user);
  }
});
