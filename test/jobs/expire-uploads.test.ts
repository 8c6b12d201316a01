/** Uploads whose process no longer says that they are alive. */
import { expect, test } from 'vitest'
import { UPLOAD_LEASE_MS } from '../../src/registry/uploads/receive-upload.ts'
import { RENEW_EVERY_MS, renewArrivingUploads } from '../../src/registry/uploads/renew-uploads.ts'
import { movableClock } from '../support/clock.ts'
import { heldStore } from '../support/faults.ts'
import { finishJobs, waitingJobs } from '../support/jobs.ts'
import { startRegistry } from '../support/registry.ts'
import { knownIds, storedIds } from './support.ts'

/** A registry with an upload whose bytes are published, and whose row comes when the test says so. */
async function startWithUpload() {
  const clock = movableClock()
  const { openStore, isPublished, release } = heldStore()
  const started = await startRegistry({}, { openStore, clock })
  const { app, writer } = started
  await started.listen()
  const { id } = (await writer.post('/models', { name: 'a model' })).json()
  await writer.post(`/models/${id}/versions`)
  const answer = writer.put(`/models/${id}/versions/1/files/a.bin`, 'bytes')
  await isPublished
  const finish = async () => {
    release()
    const { statusCode } = await answer
    await finishJobs(app)
    return statusCode
  }
  return { app, clock, finish, [Symbol.asyncDispose]: () => started.close() }
}

test('an upload whose time is over is ended, and can no longer be recorded', async () => {
  await using upload = await startWithUpload()
  const { app, clock, finish } = upload
  clock.move(UPLOAD_LEASE_MS)
  await finishJobs(app)
  expect(await storedIds(app)).toEqual([])
  expect(await finish()).toBe(503)
  expect(await knownIds(app)).toEqual([])
  expect(await storedIds(app)).toEqual([])
})

test('an upload that takes hours is kept alive by its process', async () => {
  await using upload = await startWithUpload()
  const { app, clock, finish } = upload
  for (let waited = 0; waited < 3 * UPLOAD_LEASE_MS; waited += RENEW_EVERY_MS) {
    clock.move(RENEW_EVERY_MS)
    await renewArrivingUploads(app.registry)
    await finishJobs(app)
  }
  expect(await finish()).toBe(200)
  expect(await storedIds(app)).toEqual(await knownIds(app))
  expect(await storedIds(app)).toHaveLength(1)
})

test('whoever looks for them looks again, for as long as the installation runs', async () => {
  await using upload = await startWithUpload()
  const { app, clock, finish } = upload
  for (let round = 0; round < 3; round += 1) {
    await finishJobs(app)
    const [job, ...others] = await waitingJobs(app)
    expect([job, others]).toMatchObject([{ kind: 'expire-uploads', attempts: 0 }, []])
    expect(job?.run_at).toBeGreaterThan(clock.now())
    clock.move(3_600_000)
  }
  expect(await finish()).toBe(503)
})
