/** Our server as `holotype serve` starts it: SQLite in its data directory, and a key in each request. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../test/support/free-port.ts'
import {
  ALIAS,
  type Amounts,
  type Call,
  type Contender,
  HITS,
  nameOf,
  PAGE,
  PART,
  pickModel,
  pickVersion,
  type Work,
} from './contender.ts'
import { type Filled, fillHolotype, messageOf } from './holotype-models.ts'
import { type ServerProcess, startServer } from './server-process.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/holotype.js', import.meta.url))
const KEY = `ht_ak${'b'.repeat(13)}_${randomBytes(32).toString('hex')}`

export async function startHolotype(dir: string): Promise<{ server: ServerProcess; origin: string }> {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const args = [LAUNCHER, 'serve', '--host', '127.0.0.1', '--port', String(port), '--data-dir', join(dir, 'data')]
  const env = { HOLOTYPE_ADMIN_KEY: KEY }
  const server = await startServer({ command: process.execPath, args, env, dir, readyUrl: `${origin}/readyz` })
  return { server, origin }
}

export async function fillAsHolotype(origin: string, amounts: Amounts): Promise<Contender> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const filled = await fillHolotype({ url: `${origin}/v1`, headers }, amounts)
  return {
    title: 'Holotype',
    origin,
    headers,
    callFor: (work, number) => callFor(work, number, { amounts, filled }),
    proofOf: (work, number) => proofOf(work, number, { amounts, filled }),
    filePath: name => `/v1/models/${filled.draftModelId}/versions/1/files/${name}`,
  }
}

interface Contents {
  amounts: Amounts
  filled: Filled
}

function callFor(work: Work, number: number, { amounts, filled }: Contents): Call {
  const index = pickModel(number, amounts)
  const modelId = filled.modelIds[index] ?? ''
  const version = pickVersion(number, amounts)
  switch (work) {
    case 'get a model':
    case 'get a model, a new connection each':
      return { method: 'GET', path: `/v1/models/${modelId}`, expect: `"name":"${nameOf(index, amounts)}"` }
    case 'get the large model':
      return { method: 'GET', path: `/v1/models/${filled.bigModelId}`, expect: `"id":"${filled.bigModelId}"` }
    case 'get a version': {
      const path = `/v1/models/${modelId}/versions/${version}`
      return { method: 'GET', path, expect: `"message":"${messageOf(nameOf(index, amounts), version)}"` }
    }
    case 'list 100':
      return { method: 'GET', path: `/v1/models?limit=${PAGE}`, expect: '"hasMore":true', items: PAGE }
    case 'search by a part of the name': {
      const path = `/v1/models?limit=${PAGE}&search=${PART}`
      return { method: 'GET', path, expect: `"name":"${nameOf(0, amounts)}"`, items: HITS }
    }
    case 'set an alias':
      return setAlias(modelId, version)
    case 'set an alias of the large model':
      return setAlias(filled.bigModelId, 1 + (number % amounts.big))
    case 'create a model': {
      const name = createdName(number)
      const body = JSON.stringify({ name, description: 'made while measuring' })
      return { method: 'POST', path: '/v1/models', body, expect: `"name":"${name}"` }
    }
  }
}

function proofOf(work: Work, number: number, { amounts, filled }: Contents): Call | undefined {
  if (work === 'create a model') {
    const name = createdName(number)
    return { method: 'GET', path: `/v1/models?name=${name}`, expect: `"name":"${name}"`, items: 1 }
  }
  const isOfMany = work === 'set an alias'
  if (!isOfMany && work !== 'set an alias of the large model') return undefined
  const modelId = isOfMany ? filled.modelIds[pickModel(number, amounts)] : filled.bigModelId
  const version = isOfMany ? pickVersion(number, amounts) : 1 + (number % amounts.big)
  return { method: 'GET', path: `/v1/models/${modelId}/aliases/${ALIAS}`, expect: `"version":"${version}"` }
}

function setAlias(modelId: string, version: number): Call {
  const body = JSON.stringify({ version })
  return { method: 'PUT', path: `/v1/models/${modelId}/aliases/${ALIAS}`, body, expect: `"version":"${version}"` }
}

function createdName(number: number): string {
  return `created-${number}`
}
