import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finishJobs } from '../support/jobs.ts'
import { getPage } from '../support/lists.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

const makeProject = async (name = 'p') => (await r.writer.post('/projects', { name })).json()
const makeModel = async (body = {}) => (await r.writer.post('/models', { name: 'm', ...body })).json()

describe('projects', () => {
  test('create, get, rename and list show the same seven fields', async () => {
    const created = await r.writer.post('/projects', { name: 'vision' })
    expect(created.statusCode).toBe(200)
    const { id, dtCreated } = created.json()
    expect(created.body).toBe(
      `{"dtCreated":"${dtCreated}","dtDeleted":null,"id":"${id}","name":"vision","repoName":null,"repoNodeId":null,"repoUrl":null}`,
    )
    expect((await r.reader.get(`/projects/${id}`)).body).toBe(created.body)
    const renamed = await r.writer.put(`/projects/${id}`, { name: 'seeing' })
    expect(renamed.body).toBe(created.body.replace('vision', 'seeing'))
    expect((await getPage(r.reader, '/projects')).items[0]).toEqual(renamed.json())
  })

  test('delete answers the whole project with the time of its end', async () => {
    const project = await makeProject()
    const answer = await r.writer.delete(`/projects/${project.id}`)
    expect(answer.statusCode).toBe(200)
    const { dtDeleted, ...rest } = answer.json()
    expect({ ...rest, dtDeleted: null }).toEqual(project)
    expect(Date.parse(dtDeleted)).toBeGreaterThanOrEqual(Date.parse(project.dtCreated))
    expect((await r.reader.get(`/projects/${project.id}`)).statusCode).toBe(404)
    expect((await r.writer.delete(`/projects/${project.id}`)).statusCode).toBe(404)
  })

  test('the models of a deleted project stay, without a project', async () => {
    const { id: projectId } = await makeProject()
    const { id } = await makeModel({ projectId })
    await r.writer.delete(`/projects/${projectId}`)
    expect((await r.reader.get(`/models/${id}`)).json().projectId).toBeNull()
    expect((await getPage(r.reader, '/models', { projectId })).items).toEqual([])
  })

  test('a name has 1 to 120 characters', async () => {
    for (const name of ['x', '🙂'.repeat(120)]) expect((await makeProject(name)).name).toBe(name)
    for (const name of ['', 'x'.repeat(121), undefined, null, 5]) {
      for (const answer of [
        await r.writer.post('/projects', { name }),
        await r.writer.put(`/projects/${(await makeProject()).id}`, { name }),
      ]) {
        expect(answer.statusCode, String(name)).toBe(400)
        expect(answer.json().message).toMatch(/^name (is required|must have 1 to 120 characters|must be a string)$/)
      }
    }
  })
})

test('the models of a deleted project with very many leave it in the background', async () => {
  const { id: projectId } = await makeProject()
  const made = await Promise.all(Array.from({ length: 620 }, (_, index) => makeModel({ projectId, name: `m${index}` })))
  expect((await r.writer.delete(`/projects/${projectId}`)).statusCode).toBe(200)
  expect((await r.reader.get(`/projects/${projectId}`)).statusCode).toBe(404)
  expect((await r.reader.get(`/projects/${projectId}/models`)).statusCode).toBe(404)
  expect((await r.writer.post(`/projects/${projectId}/models/${made[0]?.id}`)).statusCode).toBe(404)
  expect((await getPage(r.reader, '/projects')).items.map(({ id }) => id)).not.toContain(projectId)
  await finishJobs(r.app)
  expect((await getPage(r.reader, '/models', { projectId })).items).toEqual([])
  for (const { id } of [made[0], made[619]].filter(model => model !== undefined)) {
    expect((await r.reader.get(`/models/${id}`)).json().projectId).toBeNull()
  }
})

describe('the models of a project', () => {
  test('are listed newest first, and by name', async () => {
    const { id: projectId } = await makeProject()
    const one = await makeModel({ projectId, name: 'one' })
    const two = await makeModel({ projectId, name: 'two' })
    await makeModel({ name: 'one' })
    const path = `/projects/${projectId}/models`
    expect((await getPage(r.reader, path)).items).toEqual([two, one])
    expect((await getPage(r.reader, path, { name: 'one' })).items).toEqual([one])
    expect((await getPage(r.reader, path, { name: 'One' })).items).toEqual([])
    expect((await getPage(r.reader, path, { order: 'asc', limit: 1 })).items).toEqual([one])
  })

  test('a model is put in and taken out, and the answer is the model', async () => {
    const { id: projectId } = await makeProject()
    const model = await makeModel()
    const added = await r.writer.post(`/projects/${projectId}/models/${model.id}`)
    expect(added.statusCode).toBe(200)
    expect(added.json()).toEqual({ ...model, projectId, dtModified: added.json().dtModified })
    const removed = await r.writer.delete(`/projects/${projectId}/models/${model.id}`)
    expect(removed.statusCode).toBe(200)
    expect(removed.json()).toEqual({ ...model, dtModified: removed.json().dtModified })
  })

  test('a model that is put into a second project leaves the first', async () => {
    const [first, second] = [await makeProject(), await makeProject()]
    const { id } = await makeModel({ projectId: first.id })
    expect((await r.writer.post(`/projects/${second.id}/models/${id}`)).json().projectId).toBe(second.id)
    expect((await getPage(r.reader, `/projects/${first.id}/models`)).items).toEqual([])
  })

  test('taking out a model that is not in there is 404', async () => {
    const { id: projectId } = await makeProject()
    const { id } = await makeModel()
    expect((await r.writer.delete(`/projects/${projectId}/models/${id}`)).json()).toEqual({
      code: 'NOT_FOUND',
      message: `model "${id}" is not in project "${projectId}"`,
    })
  })

  test('neither an unknown nor another team’s project or model can be joined', async () => {
    const project = await makeProject()
    const model = await makeModel()
    const theirs = {
      project: (await r.stranger.post('/projects', { name: 'p' })).json().id,
      model: (await r.stranger.post('/models', { name: 'm' })).json().id,
    }
    for (const path of [
      `/projects/${theirs.project}/models/${model.id}`,
      `/projects/prnone/models/${model.id}`,
      `/projects/${project.id}/models/${theirs.model}`,
      `/projects/${project.id}/models/monone`,
    ]) {
      expect((await r.writer.post(path)).json().message, path).toMatch(/^(project|model) "\w+" does not exist$/)
    }
  })
})
