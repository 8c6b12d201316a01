/** A name may repeat, but it belongs to one model of the team: the first that took it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walk } from '../support/lists.ts'
import { type Caller, startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

let count = 0
function freshName(): string {
  count += 1
  return `name ${count}`
}

async function make(name: string, more: object = {}, caller = r.writer): Promise<string> {
  const answer = await caller.post('/models', { name, ...more })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().id
}

async function rename(id: string, name: string): Promise<void> {
  expect((await r.writer.put(`/models/${id}`, { name })).statusCode).toBe(200)
}

async function idsOf(query: Record<string, unknown>, caller: Caller = r.reader): Promise<unknown[]> {
  return (await walk(caller, '/models', { order: 'asc', ...query })).map(({ id }) => id)
}

const ownerOf = (name: string, caller?: Caller) => idsOf({ name, ownsName: true }, caller)

/** The answer of a request that wanted a name for itself alone. */
const taken = (name: string, owner: string) => ({
  code: 'CONFLICT',
  message: `the name "${name}" belongs to model "${owner}" already`,
})

describe('a name', () => {
  test('belongs to the first model that takes it; a namesake is made all the same', async () => {
    const name = freshName()
    const ids = [await make(name), await make(name), await make(name)]
    expect(await idsOf({ name })).toEqual(ids)
    expect(await ownerOf(name)).toEqual([ids[0]])
  })

  test('that nobody has belongs to nobody', async () => {
    expect(await ownerOf(freshName())).toEqual([])
  })

  test('is its own in each team, and only one’s own team is told of', async () => {
    const name = freshName()
    const mine = await make(name, { isPublic: true })
    const theirs = await make(name, { uniqueName: true }, r.stranger)
    expect(await ownerOf(name)).toEqual([mine])
    expect(await ownerOf(name, r.stranger)).toEqual([theirs])
    const refused = await r.stranger.post('/models', { name, uniqueName: true })
    expect([refused.statusCode, refused.json()]).toEqual([409, taken(name, theirs)])
  })

  test('is another one when its case is another, or a space is', async () => {
    const name = freshName()
    const ids = [await make(name), await make(name.toUpperCase()), await make(`${name} `)]
    expect(await ownerOf(name)).toEqual([ids[0]])
    expect(await ownerOf(name.toUpperCase())).toEqual([ids[1]])
    expect(await ownerOf(`${name} `)).toEqual([ids[2]])
  })

  test('is free again when its owner is deleted, and then belongs to whoever takes it, not to a namesake', async () => {
    const name = freshName()
    const owner = await make(name)
    const namesake = await make(name)
    await r.writer.delete(`/models/${owner}`)
    expect(await ownerOf(name)).toEqual([])
    expect(await idsOf({ name })).toEqual([namesake])
    const next = await make(name, { uniqueName: true })
    expect(await ownerOf(name)).toEqual([next])
  })

  test('is free again when its owner is renamed', async () => {
    const [name, other] = [freshName(), freshName()]
    const owner = await make(name)
    await rename(owner, other)
    expect(await ownerOf(name)).toEqual([])
    expect(await ownerOf(other)).toEqual([owner])
    const next = await make(name, { uniqueName: true })
    expect(await ownerOf(name)).toEqual([next])
  })

  test('stays with its owner through every other change', async () => {
    const name = freshName()
    const owner = await make(name)
    const namesake = await make(name)
    await r.writer.put(`/models/${owner}`, { description: 'd', isPublic: true })
    await r.writer.put(`/models/${namesake}`, { description: 'd' })
    await rename(owner, name)
    await r.writer.delete(`/models/${namesake}`)
    expect(await ownerOf(name)).toEqual([owner])
  })
})

describe('a rename', () => {
  test('takes the name when it is free, also the one that the model has already', async () => {
    const name = freshName()
    const owner = await make(name)
    const namesake = await make(name)
    await r.writer.delete(`/models/${owner}`)
    await rename(namesake, name)
    expect(await ownerOf(name)).toEqual([namesake])
  })

  test('to a name that belongs to another makes a namesake, and gives up the name it had', async () => {
    const [name, other] = [freshName(), freshName()]
    const owner = await make(name)
    const renamed = await make(other)
    await rename(renamed, name)
    expect(await ownerOf(name)).toEqual([owner])
    expect(await idsOf({ name })).toEqual([owner, renamed])
    expect(await ownerOf(other)).toEqual([])
  })

  test('to a name of its own alone is refused when it belongs to another, and changes nothing', async () => {
    const [name, other] = [freshName(), freshName()]
    const owner = await make(name)
    const second = await make(other)
    const before = await r.reader.get(`/models/${second}`)
    const events = await walk(r.reader, `/models/${second}/events`)
    const change = { name, uniqueName: true, description: 'not kept', isPublic: true }
    const refused = await r.writer.put(`/models/${second}`, change)
    expect([refused.statusCode, refused.json()]).toEqual([409, taken(name, owner)])
    expect((await r.reader.get(`/models/${second}`)).body).toBe(before.body)
    expect(await walk(r.reader, `/models/${second}/events`)).toEqual(events)
    expect(await ownerOf(other)).toEqual([second])
  })

  test('to a name of its own alone is fine when it is free or its own already', async () => {
    const [name, other] = [freshName(), freshName()]
    const id = await make(name)
    for (const wanted of [other, other, name]) {
      const answer = await r.writer.put(`/models/${id}`, { name: wanted, uniqueName: true })
      expect([answer.statusCode, answer.json().name]).toEqual([200, wanted])
      expect(await ownerOf(wanted)).toEqual([id])
    }
  })

  test('of a namesake to its own name alone is refused while another owns it', async () => {
    const name = freshName()
    const owner = await make(name)
    const namesake = await make(name)
    const refused = await r.writer.put(`/models/${namesake}`, { name, uniqueName: true })
    expect([refused.statusCode, refused.json()]).toEqual([409, taken(name, owner)])
  })
})

describe('a model whose name must be its own', () => {
  test('is refused with the owner’s id when the name is taken, and nothing is made', async () => {
    const name = freshName()
    const owner = await make(name)
    const events = await walk(r.reader, '/events')
    const refused = await r.writer.post('/models', { name, uniqueName: true })
    expect([refused.statusCode, refused.json()]).toEqual([409, taken(name, owner)])
    expect(await idsOf({ name })).toEqual([owner])
    expect(await walk(r.reader, '/events')).toEqual(events)
    expect(await idsOf({ search: name })).toEqual([owner])
  })

  test('is made when only a namesake has the name', async () => {
    const name = freshName()
    const owner = await make(name)
    const namesake = await make(name)
    await rename(owner, freshName())
    const made = await make(name, { uniqueName: true })
    expect(await idsOf({ name })).toEqual([namesake, made])
    expect(await ownerOf(name)).toEqual([made])
  })

  test('says nothing of uniqueness afterwards: the answer has the nine fields of every model', async () => {
    const [one, other] = [freshName(), freshName()]
    const unique = (await r.writer.post('/models', { name: one, uniqueName: true })).json()
    const plain = (await r.writer.post('/models', { name: other, uniqueName: false })).json()
    expect(Object.keys(unique)).toEqual(Object.keys(plain))
    expect(Object.keys(unique)).toHaveLength(9)
  })

  test.each([1, 'true', null])('is not made for uniqueName %j', async uniqueName => {
    const answer = await r.writer.post('/models', { name: freshName(), uniqueName })
    expect([answer.statusCode, answer.json().message]).toEqual([400, 'uniqueName must be a boolean'])
  })
})

describe('names that look alike are the same', () => {
  const [composed, decomposed] = ['Modèle ÅÖ 한글'.normalize('NFC'), 'Modèle ÅÖ 한글'.normalize('NFD')]

  test('a name that comes decomposed is kept composed, is found by both, and clashes with both', async () => {
    expect(decomposed).not.toBe(composed)
    const made = await r.writer.post('/models', { name: decomposed })
    expect(made.json().name).toBe(composed)
    const { id } = made.json()
    for (const name of [composed, decomposed]) {
      expect(await idsOf({ name })).toEqual([id])
      expect(await ownerOf(name)).toEqual([id])
      const refused = await r.writer.post('/models', { name, uniqueName: true })
      expect([refused.statusCode, refused.json()]).toEqual([409, taken(composed, id)])
    }
    const [event] = await walk(r.reader, `/models/${id}/events`)
    expect(event).toMatchObject({ details: { name: composed } })
  })

  test('a rename composes as well', async () => {
    const id = await make(freshName())
    const answer = await r.writer.put(`/models/${id}`, { name: `${decomposed} 2` })
    expect(answer.json().name).toBe(`${composed} 2`)
    expect(await ownerOf(`${decomposed} 2`)).toEqual([id])
  })

  test('a name is as long as it is kept: a letter that only exists decomposed counts twice', async () => {
    const name = '\u0958'.repeat(128)
    const refused = await r.writer.post('/models', { name })
    expect([refused.statusCode, refused.json().message]).toEqual([400, 'name must have 1 to 255 characters, not 256'])
    expect((await r.writer.post('/models', { name: name.slice(1) })).json().name).toBe('\u0915\u093c'.repeat(127))
  })
})

describe('at the same moment', () => {
  test('two that want a name for themselves alone: one gets it, the other hears whose it is', async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = freshName()
      const answers = await Promise.all([1, 2].map(() => r.writer.post('/models', { name, uniqueName: true })))
      const [made, refused] = answers.toSorted((a, b) => a.statusCode - b.statusCode)
      expect([made?.statusCode, refused?.statusCode]).toEqual([200, 409])
      expect(refused?.json()).toEqual(taken(name, made?.json().id))
      expect(await ownerOf(name)).toEqual([made?.json().id])
    }
  })

  test('twenty that take a name: all are made, one owns it', async () => {
    const name = freshName()
    const ids = await Promise.all(Array.from({ length: 20 }, () => make(name)))
    expect((await idsOf({ name })).toSorted()).toEqual(ids.toSorted())
    expect(await ownerOf(name)).toHaveLength(1)
  })

  test('two that are renamed to the same free name: one owns it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = freshName()
      const ids = [await make(freshName()), await make(freshName())]
      await Promise.all(ids.map(id => rename(id, name)))
      expect(await idsOf({ name })).toEqual(ids)
      expect(await ownerOf(name)).toHaveLength(1)
    }
  })

  test('its owner is deleted and another is made: the name has one owner or none, and is never lost', async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = freshName()
      const owner = await make(name)
      const [, next] = await Promise.all([r.writer.delete(`/models/${owner}`), make(name)])
      expect([[], [next]]).toContainEqual(await ownerOf(name))
      await rename(next, name)
      expect(await ownerOf(name)).toEqual([next])
    }
  })
})
