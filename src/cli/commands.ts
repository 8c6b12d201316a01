/**
 * The contents page of the command line: every command there is. Each is loaded only when it is meant: a `pull` in a loop should not wait for
 * the rest.
 */
import type { Command } from 'commander'
import type { ClientCommand } from './context.ts'

/** A command by itself, or a noun with its verbs. */
export type Entry = LoadCommand | { description: string; commands: Record<string, LoadCommand> }
type LoadCommand = () => Promise<ClientCommand>

export const clientCommands: Record<string, Record<string, Entry>> = {
  'Who you are:': {
    login: async () => (await import('./commands/login.ts')).login,
    logout: async () => (await import('./commands/logout.ts')).logout,
    profile: {
      description: 'stored logins, for those who work with several registries',
      commands: {
        list: async () => (await import('./commands/profile/list.ts')).listProfiles,
        use: async () => (await import('./commands/profile/use.ts')).useProfile,
        remove: async () => (await import('./commands/profile/remove.ts')).removeProfile,
      },
    },
    whoami: async () => (await import('./commands/whoami.ts')).whoami,
    completion: async () => (await import('./commands/completion.ts')).completion,
    doctor: async () => (await import('./commands/doctor.ts')).doctor,
  },
  'Bytes, there and back:': {
    push: async () => (await import('./commands/push.ts')).push,
    pull: async () => (await import('./commands/pull.ts')).pull,
  },
  'What is kept:': {
    diff: async () => (await import('./commands/diff.ts')).diff,
    model: {
      description: 'models',
      commands: {
        list: async () => (await import('./commands/model/list.ts')).listModels,
        get: async () => (await import('./commands/model/get.ts')).getModel,
        create: async () => (await import('./commands/model/create.ts')).createModel,
        update: async () => (await import('./commands/model/update.ts')).updateModel,
        delete: async () => (await import('./commands/model/delete.ts')).deleteModel,
      },
    },
    version: {
      description: 'the versions of a model',
      commands: {
        list: async () => (await import('./commands/version/list.ts')).listVersions,
        get: async () => (await import('./commands/version/get.ts')).getVersion,
        create: async () => (await import('./commands/version/create.ts')).createVersion,
        update: async () => (await import('./commands/version/update.ts')).updateVersion,
        copy: async () => (await import('./commands/version/copy.ts')).copyVersion,
        commit: async () => (await import('./commands/version/commit.ts')).commitVersion,
        delete: async () => (await import('./commands/version/delete.ts')).deleteVersion,
      },
    },
    alias: {
      description: 'names that point at versions',
      commands: {
        list: async () => (await import('./commands/alias/list.ts')).listAliases,
        set: async () => (await import('./commands/alias/set.ts')).setAlias,
        history: async () => (await import('./commands/alias/history.ts')).showAliasHistory,
        rollback: async () => (await import('./commands/alias/rollback.ts')).rollBackAlias,
        delete: async () => (await import('./commands/alias/delete.ts')).deleteAlias,
      },
    },
    file: {
      description: 'the files of a version',
      commands: {
        list: async () => (await import('./commands/file/list.ts')).listFiles,
        cat: async () => (await import('./commands/file/cat.ts')).catFile,
        delete: async () => (await import('./commands/file/delete.ts')).deleteFile,
      },
    },
    project: {
      description: 'models kept together',
      commands: {
        list: async () => (await import('./commands/project/list.ts')).listProjects,
        get: async () => (await import('./commands/project/get.ts')).getProject,
        create: async () => (await import('./commands/project/create.ts')).createProject,
        update: async () => (await import('./commands/project/update.ts')).updateProject,
        delete: async () => (await import('./commands/project/delete.ts')).deleteProject,
        'add-model': async () => (await import('./commands/project/add-model.ts')).addProjectModel,
        'remove-model': async () => (await import('./commands/project/remove-model.ts')).removeProjectModel,
      },
    },
    'storage-provider': {
      description: 'where the bytes are',
      commands: {
        list: async () => (await import('./commands/storage-provider/list.ts')).listStorageProviders,
        get: async () => (await import('./commands/storage-provider/get.ts')).getStorageProvider,
        create: async () => (await import('./commands/storage-provider/create.ts')).createStorageProvider,
        update: async () => (await import('./commands/storage-provider/update.ts')).updateStorageProvider,
        delete: async () => (await import('./commands/storage-provider/delete.ts')).deleteStorageProvider,
      },
    },
  },
  'On this machine:': {
    cache: {
      description: 'files that pulls on this machine share',
      commands: {
        prune: async () => (await import('./commands/cache/prune.ts')).pruneCacheCommand,
      },
    },
  },
  'What happened:': {
    events: async () => (await import('./commands/events.ts')).listEvents,
  },
  'Who may use the registry:': {
    key: {
      description: 'API keys',
      commands: {
        list: async () => (await import('./commands/key/list.ts')).listKeys,
        create: async () => (await import('./commands/key/create.ts')).createKey,
        revoke: async () => (await import('./commands/key/revoke.ts')).revokeKey,
      },
    },
    user: {
      description: 'members of the team',
      commands: {
        list: async () => (await import('./commands/user/list.ts')).listUsers,
        create: async () => (await import('./commands/user/create.ts')).createUser,
        delete: async () => (await import('./commands/user/delete.ts')).deleteUser,
      },
    },
    team: {
      description: 'teams',
      commands: {
        list: async () => (await import('./commands/team/list.ts')).listTeams,
        create: async () => (await import('./commands/team/create.ts')).createTeam,
      },
    },
  },
}

/** These work on the data directory itself, on the machine that keeps it, and bring the whole server along. */
export const machineCommands: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  verify: async () => (await import('./commands/verify.ts')).verify,
  sweep: async () => (await import('./commands/sweep.ts')).sweep,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  'migrate-to': async () => (await import('./commands/migrate-to.ts')).migrateTo,
}
