/** The least that a server over PostgreSQL can do: `node:http`, and the statements of a request through `pg` on a pool of the same size. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpuUsage } from 'node:process'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { newId } from '../../src/domain/ids.ts'
import { answerQuestions } from '../support/channel.ts'

const answers = {
  async start({ databaseUrl, maxConnections }: { databaseUrl: string; maxConnections: number }) {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: maxConnections })
    const server = createServer(listenerOn(pool)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
  },
  cpuMs() {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
}

function listenerOn(pool: pg.Pool): RequestListener {
  return (request, response) => {
    const done = request.method === 'POST' ? createModel(pool, request) : getModel(pool, request)
    done.then(
      body => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      error => response.writeHead(500).end(String(error)),
    )
  }
}

async function getModel(pool: pg.Pool, request: IncomingMessage): Promise<unknown> {
  await pool.query('select * from "api_keys" where "id" = $1', [keyIdOf(request)])
  const id = request.url?.slice('/v1/models/'.length)
  const { rows } = await pool.query('select * from "models" where "id" = $1 and "deleted_at" is null', [id])
  return rows[0]
}

async function createModel(pool: pg.Pool, request: IncomingMessage): Promise<unknown> {
  const { name, description } = JSON.parse(await text(request))
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query('select * from "api_keys" where "id" = $1 for share', [keyIdOf(request)])
    const { team_id, user_id, id: keyId } = rows[0]
    const id = newId('model')
    const now = Date.now()
    await client.query(
      `insert into "models" ("id", "team_id", "name", "description", "is_public", "project_id", "storage_provider_id", "created_at", "modified_at",
         "last_version", "owned_name", "search_text") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict do nothing returning "id"`,
      [id, team_id, name, description, 0, null, null, now, now, 0, name, `${name}\n${description}`.toLowerCase()],
    )
    await client.query(
      `insert into "events" ("id", "team_id", "kind", "subject_kind", "subject_id", "model_id", "version", "created_at", "user_id", "api_key_id",
         "request_id", "address", "details") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        ...[newId('event'), team_id, 'model.create', 'model', id, id, null, now, user_id, keyId],
        ...[randomUUID(), request.socket.remoteAddress, JSON.stringify({ name })],
      ],
    )
    await client.query('commit')
    return { id, name, description, teamId: team_id, dtCreated: now }
  } finally {
    client.release()
  }
}

/** Of `Bearer ht_<id>_<secret>`. */
function keyIdOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.split('_')[1]
}

export type BarePostgresqlAnswers = typeof answers
answerQuestions(answers)
