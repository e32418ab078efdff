// What the facade needs of Tableau's REST API: sign-in with a connected app, lists with all their pages, and loaders that read
// the children of many parents at once.
import DataLoader from 'dataloader'
import { SignJWT } from 'jose'

const version = '3.27'
const pageSize = 1000
const secret = new TextEncoder().encode('bench-secret')

export class Tableau {
  constructor(base, token) {
    this.base = base
    this.headers = { accept: 'application/json', 'x-tableau-auth': token }
  }

  static async signIn(server, user) {
    const jwt = await new SignJWT({ scp: ['tableau:content:read'] })
      .setProtectedHeader({ alg: 'HS256', kid: 'bench', iss: 'bench' })
      .setIssuer('bench').setSubject(user).setAudience('tableau').setJti(crypto.randomUUID()).setExpirationTime('5m')
      .sign(secret)
    const response = await fetch(`${server}/api/${version}/auth/signin`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ credentials: { jwt, site: { contentUrl: '' } } })
    })
    if (!response.ok) throw new Error(`sign-in: ${response.status}`)
    const { credentials } = await response.json()
    return new Tableau(`${server}/api/${version}/sites/${credentials.site.id}/`, credentials.token)
  }

  // forRequest gives a session with loaders of its own: what one request has read, another may not see.
  forRequest() {
    const own = Object.create(this)
    own.workbooksOfProject = own.childrenOf('workbooks', 'workbook', (workbook) => workbook.project?.id)
    own.viewsOfWorkbook = own.childrenOf('views', 'view', (view) => view.workbook?.id)
    return own
  }

  childrenOf(path, item, parent) {
    return new DataLoader(async (ids) => {
      const children = groupBy((await this.list(path, item, Infinity)).nodes, parent)
      return ids.map((id) => children.get(id) ?? [])
    }, { maxBatchSize: 10000 })
  }

  send(path) {
    return fetch(this.base + path, { headers: this.headers })
  }

  async read(path) {
    const response = await this.send(path)
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response.json()
  }

  async one(path, item) {
    return (await this.read(path))[item]
  }

  // list reads the first items of a list: the first page, and then those behind it side by side.
  async list(path, item, first) {
    const size = Math.min(first, pageSize)
    const page = (number) => this.read(`${path}?pageSize=${size}&pageNumber=${number}`)
    const head = await page(1)
    const totalCount = Number(head.pagination.totalAvailable)
    const pages = Math.ceil(Math.min(first, totalCount) / size)
    const rest = await Promise.all(Array.from({ length: Math.max(0, pages - 1) }, (_, i) => page(i + 2)))
    const nodes = [head, ...rest].flatMap((answer) => answer[path][item] ?? [])
    return { totalCount, nodes: nodes.slice(0, first) }
  }
}

function groupBy(items, key) {
  const groups = new Map()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
