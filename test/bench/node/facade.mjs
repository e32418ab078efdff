// The facade that make bench compares Vitrine with: graphql-yoga and dataloader, one Tableau session for each person, one REST
// call for all siblings. It verifies the token of the caller, and has no roles, no limits, no retries and no log.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createSchema, createYoga } from 'graphql-yoga'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { Tableau } from './tableau.mjs'

const { Tableau: server, Issuer: issuer } = JSON.parse(process.argv[2])

const configuration = await (await fetch(issuer + '/.well-known/openid-configuration')).json()
const keys = createRemoteJWKSet(new URL(configuration.jwks_uri))
const verified = new Map() // token: its claims
const sessions = new Map() // user name: a promise of a Tableau session
const links = new Map() // id: who asked for which path
let linkCount = 0

async function caller(header) {
  const token = header?.replace(/^Bearer /, '') ?? ''
  let claims = verified.get(token)
  if (!claims || claims.exp * 1000 < Date.now()) {
    claims = (await jwtVerify(token, keys, { issuer, audience: 'vitrine' })).payload
    verified.set(token, claims)
  }
  return claims.preferred_username
}

function session(user) {
  let signedIn = sessions.get(user)
  if (!signedIn) {
    signedIn = Tableau.signIn(server, user)
    sessions.set(user, signedIn)
    signedIn.catch(() => sessions.delete(user))
  }
  return signedIn
}

function link(context, path) {
  const id = String(++linkCount)
  links.set(id, { tableau: context.tableau, path })
  return { url: `${context.base}/content/${id}` }
}

const resolvers = {
  Query: { site: () => ({}) },
  Site: {
    projects: (_, { first }, { tableau }) => tableau.list('projects', 'project', first),
    workbooks: (_, { first }, { tableau }) => tableau.list('workbooks', 'workbook', first),
    view: (_, { luid }, { tableau }) => tableau.one(`views/${luid}`, 'view')
  },
  Project: {
    luid: (project) => project.id,
    workbooks: async (project, { first }, { tableau }) => {
      const all = await tableau.workbooksOfProject.load(project.id)
      return { totalCount: all.length, nodes: all.slice(0, first) }
    }
  },
  Workbook: { luid: (workbook) => workbook.id, views: (workbook, _, { tableau }) => tableau.viewsOfWorkbook.load(workbook.id) },
  View: { luid: (view) => view.id, image: (view, _, context) => link(context, `views/${view.id}/image`) },
  User: { luid: (user) => user.id }
}

const typeDefs = readFileSync(new URL('../facade.graphql', import.meta.url), 'utf8')
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  logging: false,
  landingPage: false,
  graphiql: false,
  maskedErrors: false,
  context: async ({ request }) => {
    const user = await caller(request.headers.get('authorization'))
    return { tableau: (await session(user)).forRequest(), base: `http://${request.headers.get('host')}` }
  }
})

async function content(response, id) {
  const { tableau, path } = links.get(id) ?? {}
  if (!tableau) {
    response.writeHead(404).end()
    return
  }
  const upstream = await tableau.send(path)
  response.writeHead(upstream.status, { 'content-type': upstream.headers.get('content-type') })
  Readable.fromWeb(upstream.body).pipe(response)
}

const http = createServer((request, response) => {
  if (request.url.startsWith('/content/')) content(response, request.url.slice('/content/'.length))
  else yoga(request, response)
})
http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ Vitrine: `http://127.0.0.1:${http.address().port}` }))
})

// Each line on standard input asks what the process has used so far; it ends with its standard input.
createInterface({ input: process.stdin })
  .on('line', () => {
    const { user, system } = process.cpuUsage()
    console.log(JSON.stringify({ CPU: (user + system) * 1000, Peak: process.resourceUsage().maxRSS * 1024 }))
  })
  .on('close', () => process.exit(0))
