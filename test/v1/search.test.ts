/** `GET /models?search=`: a part of the name or the description, whatever its case and form. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPage, walk } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

async function make(model: Record<string, unknown>): Promise<string> {
  const answer = await r.writer.post('/models', { name: 'x', ...model })
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json().id
}

/** The ids of what is found, the oldest first. */
async function find(query: Record<string, unknown>): Promise<unknown[]> {
  return (await walk(r.reader, '/models', { order: 'asc', ...query })).map(({ id }) => id)
}

async function makeProject(): Promise<string> {
  return (await r.writer.post('/projects', { name: 'p' })).json().id
}

/**
 * Makes models with these names in a project of their own, and answers the names that a search finds among them and, since with no further
 * filter it takes another way, among all.
 */
async function findNames(names: string[], search: string): Promise<string[]> {
  const projectId = await makeProject()
  const made = new Map<unknown, string>()
  for (const name of names) made.set(await make({ name, projectId }), name)
  const found = await find({ search, projectId })
  expect((await find({ search })).filter(id => made.has(id))).toEqual(found)
  return found.map(id => made.get(id) ?? '')
}

describe('a search takes as the same', () => {
  test.each([
    ['ResNet-Fifty', 'resnet-fifty'],
    ['resnet-fifty', 'NET-FIF'],
    ['Straße', 'STRASSE'],
    ['STRASSE', 'straße'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδος', 'ΟΔΟΣ'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ÜBUNG', 'übung'],
    ['übung', 'ÜBUNG'],
    ['İstanbul', 'i̇stanbul'],
    ['i̇stanbul', 'İSTANBUL'],
    ['ЖУРАВЛЬ', 'журавль'],
    ['ﬁnetune', 'FINETUNE'],
    ['𐐀𐐁𐐂', '𐐨𐐩𐐪'],
    ['한글 모델', '한글'.normalize('NFD')],
    ['Modèle Ångström', 'modèle ångström'.normalize('NFD')],
    ['Modèle Ångström'.normalize('NFD'), 'MODÈLE ÅNG'],
  ])('%j and %j', async (name, search) => {
    expect(await findNames([name], search)).toEqual([name])
  })

  test.each([
    ['café', 'cafe'],
    ['cafe', 'café'],
    ['model', 'modèl'],
    ['0penai', 'openai'],
  ])('but not %j and %j', async (name, search) => {
    expect(await findNames([name], search)).toEqual([])
  })
})

describe('a search finds a part', () => {
  test.each(['r', 're', 'res', 'resn', 'esnet', 't-50', '50', '0', 'resnet-50'])('%j, at any place', async part => {
    expect(await findNames(['resnet-50', 'nothing like it: xyz'.replaceAll(/[rest0]/g, '_')], part)).toEqual([
      'resnet-50',
    ])
  })

  test.each(['文', '文件', '文件夹', '🙂', '🙂🚀', '🙂🚀🙂'])('%j, counted as people count', async part => {
    expect(await findNames(['一文件夹二 🙂🚀🙂', '文 件', '🙂 🚀'], part)).toContain('一文件夹二 🙂🚀🙂')
  })

  test('as long as a name can be', async () => {
    const name = 'long name '.repeat(26).slice(0, 255)
    expect(await findNames([name], name)).toEqual([name])
    const refused = await r.reader.get(`/models?search=${'x'.repeat(256)}`)
    expect(refused.statusCode).toBe(400)
  })

  test('of the description, over its lines', async () => {
    const projectId = await makeProject()
    const id = await make({ projectId, description: 'first line\nsecond Line\tand a tab' })
    await make({ projectId, description: null })
    for (const search of ['SECOND', 'line\nsec', 'd a t', 'b', '\t']) {
      expect(await find({ search, projectId }), search).toEqual([id])
    }
  })

  test('that begins in the name and ends in the description only across the line break that is between them', async () => {
    const projectId = await makeProject()
    const id = await make({ projectId, name: 'name ends', description: 'text begins' })
    for (const search of ['endstext', 'ends text', 'sbeg']) expect(await find({ search, projectId })).toEqual([])
    expect(await find({ search: 'ends\ntext', projectId })).toEqual([id])
  })

  test('in the order of the list, newest first unless asked otherwise', async () => {
    const projectId = await makeProject()
    const ids = [await make({ name: 'ordered one', projectId }), await make({ name: 'ordered two', projectId })]
    const page = await getPage(r.reader, '/models', { search: 'ordered', projectId })
    expect(page.items.map(({ id }) => id)).toEqual(ids.toReversed())
  })

  test('that is empty, in everything', async () => {
    expect(await find({ search: '' })).toEqual(await find({}))
  })
})

// S62, S51: what a database, a full-text index or a regular expression would read as a pattern is plain text here.
describe('a search takes as it stands', () => {
  test.each([
    ['%', '100% sure', 'sure 100'],
    ['0% s', '100% sure', '100 sure'],
    ['_', 'snake_case', 'snakeXcase'],
    ['e_c', 'snake_case', 'snakeXcase'],
    ['\\', 'back\\slash', 'backslash'],
    ['k\\s', 'back\\slash', 'backs'],
    ['\\%', 'a\\%', 'a%'],
    ['\\_\\', '\\_\\', '_'],
    ['a.c', 'A.C', 'abc'],
    ['.*', 'glob.*', 'glob'],
    ['*', 'all*', 'all'],
    ['all*', 'all*', 'allow'],
    ["'", "it's", 'its'],
    ["t's", "it's", 'its'],
    ['"', 'say "x"', 'say x'],
    ['"x"', 'say "x"', 'say x'],
    ['""', 'a""b', 'a"b'],
    ['"""', 'a"""b', 'a"b'],
    ['--', 'a--b', 'a-b'],
    ['a OR b', 'this a OR b that', 'a and b'],
    ['cat OR dog', 'a cat or dog', 'cat'],
    ['cat AND dog', 'cat AND dog', 'cat dog'],
    ['NOT cat', 'not cat', 'dog'],
    ['NEAR', 'near miss', 'far'],
    ['NEAR(cat dog)', 'near(cat dog)', 'cat dog'],
    ['cat + dog', 'cat + dog', 'cat dog'],
    ['^x', 'a^x', 'x'],
    ['^xyz', 'a^xyz', 'xyz'],
    ['-x', 'a-x', 'x'],
    ['-xyz', 'a-xyz', 'xyz'],
    ['{search_text}: cat', '{search_text}: cat', 'cat'],
    ['search_text:cat', 'search_text:cat', 'cat'],
    ['(((', 'a(((', '((('.slice(1)],
    ['a b c', 'a b c', 'a  b  c'],
    ['   ', 'three   spaces', 'one space'],
    ['; DROP TABLE models; --', 'x; drop table models; --', 'models'],
  ])('%j', async (search, hit, miss) => {
    expect(await findNames([hit, miss], search)).toEqual([hit])
  })

  test.each(['%00', 'a%00b', 'abc%00'])('a part with a NUL, %s, which is in no text', async search => {
    const answer = await r.reader.get(`/models?search=${search}`)
    expect([answer.statusCode, answer.json().items]).toEqual([200, []])
  })
})
