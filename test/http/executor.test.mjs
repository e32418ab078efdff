// The executor of Vitrine and graphql-js give the same answers to random documents over mocks: data byte for byte, and
// errors at the same places. internal/exec/corpus_test.go has the mocks, the documents and Vitrine's answers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildSchema, execute, getNamedType, getNullableType, isAbstractType, isCompositeType, isListType, parse, validate } from 'graphql'

const repository = fileURLToPath(new URL('../..', import.meta.url))

function corpus() {
  const dir = mkdtempSync(path.join(tmpdir(), 'executor-'))
  try {
    const file = path.join(dir, 'corpus.json')
    execFileSync('go', ['test', '-count=1', '-run', '^TestRandomDocumentsAreExecuted$', './internal/exec'], {
      cwd: repository, env: { ...process.env, VITRINE_EXEC_CORPUS: file }, stdio: ['ignore', 'ignore', 'inherit'],
    })
    return JSON.parse(readFileSync(file, 'utf8'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

// FNV-1a, as in Go's hash/fnv.
function hashOf(seed, name) {
  let h = 0x811c9dc5
  for (const c of Buffer.from(`${seed}/${name}`)) h = Math.imul(h ^ c, 0x01000193) >>> 0
  return h
}

const list = (h, item) => Array.from({ length: h % 4 }, (_, i) => {
  const seed = hashOf(h, i)
  return seed % 8 === 0 ? null : item(seed)
})

function leaf(type, h) {
  if (h % 29 === 1) throw new Error('a mock')
  if (h % 13 === 0) return null
  if (isListType(getNullableType(type))) return list(h, (seed) => `s${seed}`)
  switch (getNamedType(type).name) {
    case 'Int': return h % 1000
    case 'Boolean': return h % 2 === 0
    default: return `s${h}`
  }
}

function fieldResolver(source, _args, _context, info) {
  const type = info.returnType
  const h = hashOf(source?.seed ?? 1, info.fieldName)
  const named = getNamedType(type)
  if (!isCompositeType(named)) return leaf(type, h)
  if (h % 11 === 0) return null
  if (h % 11 === 1 && hashOf(0, info.fieldName) % 2 === 1) throw new Error('a mock')
  const names = isAbstractType(named) ? info.schema.getPossibleTypes(named).map((t) => t.name).sort() : [named.name]
  const object = (seed) => ({ seed, type: names[seed % names.length] })
  return isListType(getNullableType(type)) ? list(h, object) : object(h)
}

const textOf = (steps) => steps.reduce((text, step) => text + (typeof step === 'number' ? `[${step}]` : text ? `.${step}` : step), '')
const stepsOf = (text) => text.match(/[^.[\]]+/g).map((step) => (/^\d+$/.test(step) ? Number(step) : step))

// inRemoved reports whether an object around a place is null in the data: then it may have more errors than one.
function inRemoved(data, place) {
  let value = data
  for (const step of stepsOf(place).slice(0, -1)) {
    if (value === null) return true
    value = value[step]
  }
  return value === null
}

test('random documents have the answers of graphql-js', () => {
  const { schema: text, documents } = corpus()
  const schema = buildSchema(text)
  assert.ok(documents.length >= 3000)
  for (const { query, variables, data, errors } of documents) {
    const document = parse(query)
    assert.deepEqual(validate(schema, document), [], query)
    const want = execute({ schema, document, variableValues: variables, fieldResolver, typeResolver: (value) => value.type })
    assert.equal(data, JSON.stringify(want.data), query)
    const places = (want.errors ?? []).map((e) => textOf(e.path))
    const ours = errors ?? []
    assert.deepEqual(places.filter((place) => !ours.includes(place)), [], `errors of graphql-js alone: ${query}`)
    assert.deepEqual(ours.filter((place) => !places.includes(place) && !inRemoved(want.data, place)), [], `errors of Vitrine alone: ${query}`)
  }
})
