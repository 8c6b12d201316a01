import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

let r: TestRegistry
beforeAll(async () => {
  r = await startRegistry()
})
afterAll(() => r.close())

describe('the session', () => {
  test('is null without a key, with status 200', async () => {
    const answer = await r.nobody.get('/auth/session')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.body).toBe('null')
  })

  test.each(['nonsense', `ht_ak0123456789abc_${'a'.repeat(40)}`])(
    'is 401 with the bad key %s, never null',
    async key => {
      const answer = await r.as(key).get('/auth/session')
      expect(answer.statusCode).toBe(401)
      expect(answer.json().code).toBe('UNAUTHORIZED')
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    },
  )

  test('has the whole shape of the contract, in its order', async () => {
    const answer = await r.reader.get('/auth/session')
    const redacted = answer.body
      .replaceAll(/"(te|us)[0-9a-z]{13}"/g, '"<$1>"')
      .replaceAll(/"\d{4}-[^"]+Z"/g, '"<time>"')
    expect(redacted).toBe(
      '{"team":{"analyticsId":0,"id":"<te>","isPrivate":true,"maxMachines":0,"namespace":"default"},' +
        '"user":{"analyticsId":0,"dtConfirmed":"<time>","dtCreated":"<time>","email":"","firstName":"admin","id":"<us>",' +
        '"isPasswordAuthEnabled":false,"isPhoneVerified":false,"isQrCodeBasedMfaConfirmed":false,"isQrCodeBasedMfaEnabled":false,' +
        '"lastName":null,"metadata":{},"preferences":null,"teamMemberships":[{"isAdmin":false,"isOwner":false,' +
        '"team":{"dtCreated":"<time>","id":"<te>","isUserTeam":false,"name":"default","namespace":"default","publicProfileImageUrl":null}}]}}',
    )
  })

  test('tells whether the key is an admin and whether it is the first one', async () => {
    const membershipOf = async (caller: typeof r.admin) =>
      (await caller.get('/auth/session')).json().user.teamMemberships[0]
    expect(await membershipOf(r.admin)).toMatchObject({ isAdmin: true, isOwner: true })
    expect(await membershipOf(r.stranger)).toMatchObject({ isAdmin: true, isOwner: false })
    expect(await membershipOf(r.writer)).toMatchObject({ isAdmin: false, isOwner: false })
  })

  test('names the user a key was made for', async () => {
    const user = (await r.admin.post('/users', { name: 'Trainer', email: 't@example.com' })).json()
    const { key } = (await r.admin.post('/api-keys', { name: 'k', role: 'reader', userId: user.id })).json()
    const session = (await r.as(key).get('/auth/session')).json()
    expect(session.user).toMatchObject({ id: user.id, firstName: 'Trainer', email: 't@example.com' })
  })
})

describe('the account', () => {
  test('is always in good standing', async () => {
    const answer = await r.reader.get('/billing/account-standing')
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe('{"hasPaymentMethod":true,"isAdminLocked":false,"isInGoodStanding":true,"messages":[]}')
  })

  test('needs a key to be asked about', async () => {
    expect((await r.nobody.get('/billing/account-standing')).statusCode).toBe(401)
  })
})
