import { expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import { insertTeam } from '../../src/metadata/teams.ts'
import { rerunningDatabase } from './faults.ts'
import { walk } from './lists.ts'
import { startRegistry } from './registry.ts'

const makeTeam = () => ({ id: newId('team'), namespace: `team-${Math.random().toString(36).slice(2)}`, createdAt: 1 })

test('a work that runs twice is kept once, with its events', async () => {
  await using registry = await startRegistry({}, rerunningDatabase())
  const { app, reader, writer } = registry
  const made = await writer.post('/models', { name: 'a model' })
  expect(made.statusCode).toBe(200)
  expect(await walk(reader, '/models')).toEqual([made.json()])
  expect(await walk(reader, '/events', { modelId: made.json().id })).toMatchObject([{ kind: 'model.create' }])
  const team = makeTeam()
  expect(await app.registry.db.transaction(trx => insertTeam(trx, team))).toBe(true)
  const teams = app.registry.db.read.selectFrom('teams').select('id').where('id', '=', team.id)
  expect(await teams.execute()).toEqual([{ id: team.id }])
})

test('a work that changes something outside its handle does it twice', async () => {
  await using registry = await startRegistry({}, rerunningDatabase())
  const outside: string[] = []
  const answer = await registry.app.registry.db.transaction(async trx => {
    outside.push('once')
    await trx.selectFrom('teams').select('id').execute()
    return outside.length
  })
  expect([answer, outside]).toEqual([2, ['once', 'once']])
})

test('a work that fails leaves nothing, and its error is told', async () => {
  await using registry = await startRegistry({}, rerunningDatabase())
  const { db } = registry.app.registry
  const team = makeTeam()
  const failing = db.transaction(async trx => {
    await insertTeam(trx, team)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await db.read.selectFrom('teams').select('id').where('id', '=', team.id).execute()).toEqual([])
})
