/** The published contract for people and machines: `/docs` and `/openapi.json`. */
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

export async function serveDocs(server: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  server.get('/openapi.json', { config: { permission: 'none' }, schema: { hide: true } }, async () => server.swagger())
  await server.register(async docs => {
    docs.addHook('onRoute', route => {
      route.config = { ...route.config, permission: 'none' }
    })
    // The page's links are relative only at `/docs/`, and the library's own redirect names a path that a proxy in front may have changed.
    docs.addHook('onRequest', async (request, reply) => {
      const [path = ''] = request.url.split('?', 1)
      if (path === '/docs') return reply.redirect('docs/')
      if (path === '/docs/static/index.html') return reply.redirect('../')
      return undefined
    })
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      // The page reads the contract from a place of its own, below `/docs`.
      transformSpecification: document => ({ ...document, servers: [{ url: publicUrl ?? '../' }] }),
      staticCSP: true,
      // Nothing may come from another host, and nothing may require https where the registry is served without.
      transformStaticCSP: header =>
        header
          .replaceAll(' https:', '')
          .replace(' validator.swagger.io', '')
          .replace(' upgrade-insecure-requests;', ''),
      // Unset, the page would send the contract to a validator on another host.
      uiConfig: { validatorUrl: null, deepLinking: true, persistAuthorization: false, layout: 'BaseLayout' },
      theme: { title: 'Holotype API' },
    })
  })
}
