// `npm start`: installs what is missing, then serves. `npm start -- --port 9000` passes its arguments on.
import { join } from 'node:path'
import { runOn } from '../bin/run-on.js'
import { installDependencies, pinnedNode, root } from './install.js'

await installDependencies()
process.exitCode = await runOn(pinnedNode, [join(root, 'bin/holotype.js'), 'serve', ...process.argv.slice(2)])
