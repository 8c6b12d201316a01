/** MLflow as its own command starts it: SQLite, artifacts proxied to a local directory, four workers, the jobs that come with it. */
import { join } from 'node:path'
import { findFreePort } from '../../test/support/free-port.ts'
import {
  ALIAS,
  type Amounts,
  BIG,
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
import { MLFLOW_VERSION, type Mlflow } from './install.ts'
import { fillMlflow, sourceOf } from './mlflow-rows.ts'
import { type ServerProcess, startServer } from './server-process.ts'

const API = '/api/2.0/mlflow'
/** It would report the run to its makers otherwise, while it is measured. */
const SILENCE = { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' }

export async function startMlflow(mlflow: Mlflow, dir: string): Promise<{ server: ServerProcess; origin: string }> {
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--serve-artifacts']
  args.push('--backend-store-uri', `sqlite:///${databaseIn(dir)}`, '--artifacts-destination', join(dir, 'artifacts'))
  const server = await startServer({ command: mlflow.command, args, env: SILENCE, dir, readyUrl: `${origin}/health` })
  return { server, origin }
}

export async function fillAsMlflow(origin: string, dir: string, amounts: Amounts): Promise<Contender> {
  await fillMlflow(`${origin}${API}`, databaseIn(dir), amounts)
  return {
    title: `MLflow ${MLFLOW_VERSION}`,
    origin,
    headers: { 'content-type': 'application/json' },
    callFor: (work, number) => callFor(work, number, amounts),
    proofOf: (work, number) => proofOf(work, number, amounts),
    filePath: name => `/api/2.0/mlflow-artifacts/artifacts/bench/${name}`,
  }
}

function databaseIn(dir: string): string {
  return join(dir, 'mlflow.db')
}

function callFor(work: Work, number: number, amounts: Amounts): Call {
  const name = nameOf(pickModel(number, amounts), amounts)
  const version = pickVersion(number, amounts)
  switch (work) {
    case 'get a model':
    case 'get a model, a new connection each':
      return getModel(name)
    case 'get the large model':
      return getModel(BIG)
    case 'get a version': {
      const path = `${API}/model-versions/get?${new URLSearchParams({ name, version: String(version) })}`
      return { method: 'GET', path, expect: `"source": "${sourceOf(name, version)}"` }
    }
    case 'list 100': {
      const path = `${API}/registered-models/search?max_results=${PAGE}`
      return { method: 'GET', path, expect: '"next_page_token": ', items: PAGE }
    }
    case 'search by a part of the name': {
      const filter = new URLSearchParams({ filter: `name ILIKE '%${PART}%'`, max_results: String(PAGE) })
      const path = `${API}/registered-models/search?${filter}`
      return { method: 'GET', path, expect: `"name": "${nameOf(0, amounts)}"`, items: HITS }
    }
    case 'set an alias':
      return setAlias(name, version)
    case 'set an alias of the large model':
      return setAlias(BIG, 1 + (number % amounts.big))
    case 'create a model': {
      const created = createdName(number)
      const body = JSON.stringify({ name: created, description: 'made while measuring' })
      return { method: 'POST', path: `${API}/registered-models/create`, body, expect: `"name": "${created}"` }
    }
  }
}

function proofOf(work: Work, number: number, amounts: Amounts): Call | undefined {
  if (work === 'create a model') return getModel(createdName(number))
  const isOfMany = work === 'set an alias'
  if (!isOfMany && work !== 'set an alias of the large model') return undefined
  const name = isOfMany ? nameOf(pickModel(number, amounts), amounts) : BIG
  const version = isOfMany ? pickVersion(number, amounts) : 1 + (number % amounts.big)
  const path = `${API}/registered-models/alias?${new URLSearchParams({ name, alias: ALIAS })}`
  return { method: 'GET', path, expect: `"version": "${version}"` }
}

function getModel(name: string): Call {
  const path = `${API}/registered-models/get?${new URLSearchParams({ name })}`
  return { method: 'GET', path, expect: `"name": "${name}"` }
}

function setAlias(name: string, version: number): Call {
  const body = JSON.stringify({ name, alias: ALIAS, version: String(version) })
  return { method: 'POST', path: `${API}/registered-models/alias`, body, expect: '{}' }
}

function createdName(number: number): string {
  return `created-${number}`
}
