/** Made from docs/openapi.json by `npm run openapi`; not edited by hand. */

export interface paths {
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List models
         * @description With `search` or `tag` a page may have fewer items than `limit`, even none, while `hasMore` is true: a request looks through a bounded number of models.
         */
        get: operations["listModels"];
        put?: never;
        /** Create a model */
        post: operations["createModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a model */
        get: operations["getModel"];
        /**
         * Update a model
         * @description What is left out stays as it is.
         */
        put: operations["updateModel"];
        post?: never;
        /**
         * Delete a model
         * @description With all its versions, files and aliases.
         */
        delete: operations["deleteModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the versions of a model
         * @description Other teams see only the committed versions of a public model.
         */
        get: operations["listVersions"];
        put?: never;
        /**
         * Open a draft version
         * @description It takes files until it is committed. The body may be left out. With `sourceVersion` the draft begins with the files of that committed version, which refer to the same stored bytes: both models have to be of one team and keep their bytes in one storage provider.
         */
        post: operations["createVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a version */
        get: operations["getVersion"];
        /**
         * Update or commit a version
         * @description `{"isCommitted": true}` commits it: from then on its files never change. Message, metadata and tags may change at any time; what is left out stays as it is.
         */
        put: operations["updateVersion"];
        post?: never;
        /**
         * Delete a version
         * @description Refused while an alias points at it. Its number is never used again.
         */
        delete: operations["deleteVersion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a whole version as one tar
         * @description Its `Content-Length` is exact. Every file is checked on the way; where one is damaged, the archive breaks off before its end.
         */
        get: operations["downloadArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the files of a version
         * @description Sorted by path.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download a file
         * @description Conditional requests and single ranges work as HTTP has them; the ETag is the sha256. A whole file is checked on the way: a damaged one breaks off before its end. A part cannot be: compare the sha256 of what was put together.
         */
        get: operations["getFile"];
        /**
         * Upload a file into a draft
         * @description The body is the bytes, of any length, with or without a Content-Length. A sha256 declared as `Repr-Digest` or `Content-Digest` (RFC 9530) or as `x-sha256` (hex) is checked before anything is kept, also in a trailer. A file already at the path is replaced, unless `If-Match` or `If-None-Match` says otherwise.
         */
        put: operations["putFile"];
        post?: never;
        /** Take a file out of a draft */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the uploads in parts that are open or being verified */
        get: operations["listUploads"];
        put?: never;
        /**
         * Begin to upload a file in parts
         * @description For large files: parts may be sent in any order and at the same time, and an upload that was interrupted goes on where it was. The sha256, if given, is compared with the bytes before they become a file.
         */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an upload in parts
         * @description For a day after its end, too.
         */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        /**
         * Give up an upload in parts
         * @description What has been received of it is removed.
         */
        delete: operations["deleteUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/uploads/{upload}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the parts of an upload
         * @description Sorted by number. An upload that was interrupted goes on with those that have not been received.
         */
        get: operations["listParts"];
        put?: never;
        /**
         * Ask how to send some parts of an upload
         * @description Send the bytes of each part by the method, to the URL and with the headers of its item, and without a key. A part may be sent again until the upload is completed: the last sending counts.
         */
        post: operations["offerParts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/versions/{version}/uploads/{upload}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete an upload in parts
         * @description The answer comes before the bytes have been proven: ask for the upload until its `state` is `complete` or `failed`. May be repeated. The body may be left out: the registry knows which parts have been received.
         */
        post: operations["completeUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the aliases of a model
         * @description `latest` is not among them: it is always the newest committed version.
         */
        get: operations["listAliases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/aliases/{alias}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an alias */
        get: operations["getAlias"];
        /**
         * Point an alias at a version
         * @description Makes it or moves it, in one step. The version must be committed. `expectedVersion`, or `If-Match` with the ETag of the alias, keeps two who move it from overwriting each other.
         */
        put: operations["setAlias"];
        post?: never;
        /**
         * Delete an alias
         * @description The version it points at stays.
         */
        delete: operations["deleteAlias"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened to a model
         * @description Only for keys of the team that owns it.
         */
        get: operations["listModelEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened in the team
         * @description Also to models, users and keys that are gone.
         */
        get: operations["listTeamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List projects */
        get: operations["listProjects"];
        put?: never;
        /** Create a project */
        post: operations["createProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a project */
        get: operations["getProject"];
        /** Rename a project */
        put: operations["updateProject"];
        post?: never;
        /**
         * Delete a project
         * @description Its models stay, without a project. Answers the whole project, as the contract has it.
         */
        delete: operations["deleteProject"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{id}/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the models of a project */
        get: operations["listProjectModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{id}/models/{modelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a model into a project */
        post: operations["addProjectModel"];
        /** Take a model out of a project */
        delete: operations["removeProjectModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storage-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List storage providers */
        get: operations["listStorageProviders"];
        put?: never;
        /**
         * Create a storage provider
         * @description A bucket of an S3 store. Before the answer the registry has written, read, listed and deleted there; an error names the step that failed and what the store said.
         */
        post: operations["createStorageProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storage-providers/utilization": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much the team has stored, and what still fits */
        get: operations["getStorageUtilization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/storage-providers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a storage provider */
        get: operations["getStorageProvider"];
        /**
         * Change a storage provider
         * @description What is left out stays as it is. New settings are tried out as those of a new one are.
         */
        put: operations["updateStorageProvider"];
        post?: never;
        /**
         * Delete a storage provider
         * @description Refused while bytes are in it or a model names it, and for the default of the team.
         */
        delete: operations["deleteStorageProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/auth/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who the key stands for
         * @description `null` without a key.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/account-standing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the account is in good standing
         * @description It always is.
         */
        get: operations["getAccountStanding"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the API keys of the team
         * @description Without revoked ones; never with their secrets.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key
         * @description The answer has the whole key; it is never shown again.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description It stops working at once.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the members of the team */
        get: operations["listUsers"];
        put?: never;
        /** Add a member to the team */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a member from the team
         * @description Their keys stop working at once.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List teams */
        get: operations["listTeams"];
        put?: never;
        /**
         * Create a team
         * @description Only with an instance-admin key, such as the one made at the first start of the registry. The answer has the first admin key of the team.
         */
        post: operations["createTeam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{upload}/parts/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send one part of an upload
         * @description By the URL that `offerParts` has given. The signature takes the place of a key.
         */
        put: operations["receivePart"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** AccountStanding */
        AccountStanding: {
            hasPaymentMethod: boolean;
            isAdminLocked: boolean;
            isInGoodStanding: boolean;
            messages: string[];
        };
        /** Alias */
        Alias: {
            alias: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description When it was last pointed somewhere.
             */
            dtModified: string;
            modelId: string;
            /** @description Who last pointed it somewhere. */
            userId: string;
            /** @description The version number it points at, as a string. */
            version: string;
        };
        /** AliasPage */
        AliasPage: {
            hasMore: boolean;
            items: components["schemas"]["Alias"][];
            nextPage: string | null;
        };
        /** ApiKey */
        ApiKey: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /** Format: date-time */
            dtExpires: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             */
            dtLastUsed: string | null;
            id: string;
            /** @description Whether it may manage teams and keys of all teams. */
            isInstanceAdmin: boolean;
            name: string;
            /**
             * @description admin includes writer, writer includes reader.
             * @enum {string}
             */
            role: "reader" | "writer" | "admin";
            /** @description For whom the key acts. */
            userId: string;
        };
        /** ApiKeyPage */
        ApiKeyPage: {
            hasMore: boolean;
            items: components["schemas"]["ApiKey"][];
            nextPage: string | null;
        };
        /** Error */
        Error: {
            code: string;
            details?: {
                problems: {
                    field: string;
                    message: string;
                }[];
            };
            message: string;
        };
        /** Event */
        Event: {
            /** @description Where the request came from, as the server saw it. */
            address: string | null;
            /** @description Through which key; null where the registry itself did it. */
            apiKeyId: string | null;
            details: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            id: string;
            /** @description What happened, such as `version.commit`. */
            kind: string;
            modelId: string | null;
            /** @description The `x-request-id` of the request. */
            requestId: string | null;
            subject: components["schemas"]["EventSubject"];
            /** @description Who did it; null where the registry itself did it. */
            userId: string | null;
            /** @description The version number it is about, as a string. */
            version: string | null;
        };
        /** EventPage */
        EventPage: {
            hasMore: boolean;
            items: components["schemas"]["Event"][];
            nextPage: string | null;
        };
        /** EventSubject */
        EventSubject: {
            /** @description The id, the version number, the path or the name. */
            id: string;
            /** @description What it is, such as `version`. */
            kind: string;
        };
        /** File */
        File: {
            /** @description What the uploader said it is. Files are always served as neutral bytes. */
            contentType: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description When all stored bytes were last read and had this sha256.
             */
            dtVerified: string;
            path: string;
            /** @description Lower-case hex. */
            sha256: string;
            /** @description In bytes. */
            size: number;
        };
        /** FilePage */
        FilePage: {
            hasMore: boolean;
            items: components["schemas"]["File"][];
            nextPage: string | null;
        };
        /** Model */
        Model: {
            /** @description The description of the model. */
            description: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtModified: string;
            /** @description The id of the model. */
            id: string;
            /** @description Whether every key of this registry may read the model. */
            isPublic: boolean;
            /** @description The name of the model; not unique. */
            name: string;
            /** @description The project the model is in. */
            projectId: string | null;
            /** @description Where its bytes are kept; null means the default of the team. */
            storageProviderId: string | null;
            /** @description The team that owns the model. */
            teamId: string;
        };
        /** ModelPage */
        ModelPage: {
            hasMore: boolean;
            items: components["schemas"]["Model"][];
            nextPage: string | null;
        };
        /** NewApiKey */
        NewApiKey: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /** Format: date-time */
            dtExpires: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             */
            dtLastUsed: string | null;
            id: string;
            /** @description Whether it may manage teams and keys of all teams. */
            isInstanceAdmin: boolean;
            name: string;
            /**
             * @description admin includes writer, writer includes reader.
             * @enum {string}
             */
            role: "reader" | "writer" | "admin";
            /** @description For whom the key acts. */
            userId: string;
            /** @description The whole key. It is shown in this answer and never again. */
            key: string;
        };
        /** NewTeam */
        NewTeam: {
            apiKey: components["schemas"]["NewApiKey"];
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            id: string;
            namespace: string;
        };
        /** Part */
        Part: {
            isReceived: boolean;
            number: number;
            /** @description sha256, in hex. */
            sha256: string | null;
            /** @description In bytes. */
            size: number;
        };
        /** PartOffer */
        PartOffer: {
            /**
             * Format: date-time
             * @description Until when the URL can be used.
             */
            dtExpires: string;
            /** @description To be sent exactly as they are. */
            headers: {
                [key: string]: string;
            };
            method: string;
            number: number;
            /** @description In bytes. */
            size: number;
            /** @description Needs no key: it is signed for this one part. Where the public URL of the registry is not set, a path on its own server. */
            url: string;
        };
        /** PartPage */
        PartPage: {
            hasMore: boolean;
            items: components["schemas"]["Part"][];
            nextPage: string | null;
        };
        /** Project */
        Project: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description Only in the answer to a delete.
             */
            dtDeleted: string | null;
            id: string;
            name: string;
            /** @description Always null: projects are not tied to a repository here. */
            repoName: null;
            /** @description Always null: projects are not tied to a repository here. */
            repoNodeId: null;
            /** @description Always null: projects are not tied to a repository here. */
            repoUrl: null;
        };
        /** ProjectPage */
        ProjectPage: {
            hasMore: boolean;
            items: components["schemas"]["Project"][];
            nextPage: string | null;
        };
        /** Session */
        Session: {
            team: {
                analyticsId: number;
                id: string;
                isPrivate: boolean;
                maxMachines: number;
                namespace: string;
            };
            user: {
                analyticsId: number;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC, in milliseconds.
                 */
                dtConfirmed: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC, in milliseconds.
                 */
                dtCreated: string;
                email: string;
                firstName: string | null;
                id: string;
                isPasswordAuthEnabled: boolean;
                isPhoneVerified: boolean;
                isQrCodeBasedMfaConfirmed: boolean;
                isQrCodeBasedMfaEnabled: boolean;
                lastName: string | null;
                metadata: {
                    [key: string]: unknown;
                };
                preferences: null;
                teamMemberships: {
                    isAdmin: boolean;
                    isOwner: boolean;
                    team: {
                        /**
                         * Format: date-time
                         * @description ISO 8601, UTC, in milliseconds.
                         */
                        dtCreated: string;
                        id: string;
                        isUserTeam: boolean;
                        name: string;
                        namespace: string;
                        publicProfileImageUrl: string | null;
                    };
                }[];
            };
        } | null;
        /** StorageProvider */
        StorageProvider: {
            id: string;
            /** @description Whether the registry itself keeps the bytes, in its data directory. */
            isManaged: boolean;
            isTeamDefault: boolean | null;
            name: string;
            s3Config: {
                accessKey: string;
                bucket: string;
                /** @enum {string|null} */
                checksums: "sha256" | "none" | null;
                endpoint: string | null;
                pathStyle: boolean | null;
                prefix: string | null;
                region: string | null;
                retainData: boolean | null;
                /** @description Never the secret itself: `********` where there is one. */
                secretAccessKey: string;
                signatureVersion: string | null;
            };
        };
        /** StorageProviderPage */
        StorageProviderPage: {
            hasMore: boolean;
            items: components["schemas"]["StorageProvider"][];
            nextPage: string | null;
        };
        /** StorageUtilization */
        StorageUtilization: {
            /** @description A number of bytes, as a decimal number in a string. */
            datasetUsage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            modelUsage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            notebookWorkspaceUsage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            remainingFreeStorage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            sharedStorageUsage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            totalFreeStorage: string;
            /** @description A number of bytes, as a decimal number in a string. */
            totalUsage: string;
        };
        /** Team */
        Team: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            id: string;
            namespace: string;
        };
        /** TeamPage */
        TeamPage: {
            hasMore: boolean;
            items: components["schemas"]["Team"][];
            nextPage: string | null;
        };
        /** Upload */
        Upload: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description When it is given up unless another part is asked for or arrives; after its end, when it is forgotten.
             */
            dtExpires: string;
            id: string;
            partCount: number;
            /** @description Of each part in bytes; the last one may be smaller. */
            partSize: number;
            path: string;
            /** @description Why it has failed. */
            problem: string | null;
            /** @description In bytes. */
            receivedBytes: number;
            /** @description sha256, in hex. */
            sha256: string | null;
            /** @description In bytes. */
            size: number;
            /**
             * @description `open`: parts may be sent. `verifying`: the whole is read to prove its sha256. `complete`: the file is in the version. `failed`: nothing was kept.
             * @enum {string}
             */
            state: "open" | "verifying" | "complete" | "failed";
        };
        /** UploadPage */
        UploadPage: {
            hasMore: boolean;
            items: components["schemas"]["Upload"][];
            nextPage: string | null;
        };
        /** User */
        User: {
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            email: string | null;
            id: string;
            name: string;
        };
        /** UserPage */
        UserPage: {
            hasMore: boolean;
            items: components["schemas"]["User"][];
            nextPage: string | null;
        };
        /** Version */
        Version: {
            /** @description sha256 over the sorted list of files: names the whole content. Null while a draft. */
            digest: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtCreated: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC, in milliseconds.
             */
            dtModified: string;
            fileCount: number;
            /** @description Whether the version is committed: then its files never change. */
            isCommitted: boolean;
            message: string | null;
            metadata: {
                [key: string]: unknown;
            } | null;
            modelId: string;
            tags: string[];
            /** @description Where the API has this version: a URL where the public URL of the registry is set, else a path on its server. */
            url: string;
            /** @description The size of all its files in bytes, as a decimal number in a string. */
            usageBytes: string;
            /** @description Who created it. */
            userId: string;
            /** @description The version number, as a string. */
            version: string;
        };
        /** VersionPage */
        VersionPage: {
            hasMore: boolean;
            items: components["schemas"]["Version"][];
            nextPage: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listModels: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
                /** @description Only models with exactly this name. */
                name?: string;
                /** @description With `name`: only the model that the name belongs to, which is the one that took it first. */
                ownsName?: boolean;
                /** @description Only models in this project. */
                projectId?: string;
                /** @description Only models with this in their name or description. */
                search?: string;
                /** @description Only models with a version that has this tag. */
                tag?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    description?: string | null;
                    /** @description Whether every key may read the model. False unless given. */
                    isPublic?: boolean;
                    name: string;
                    /** @description The project to put it in. */
                    projectId?: string;
                    /** @description Where to keep its bytes. */
                    storageProviderId?: string;
                    /** @description Refuses a name that belongs to another model of the team, with 409 and its id. False unless given: names may repeat. */
                    uniqueName?: boolean;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    updateModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    description?: string | null;
                    isPublic?: boolean;
                    name?: string;
                    /** @description Refuses a name that belongs to another model of the team, with 409 and its id. False unless given: names may repeat. */
                    uniqueName?: boolean;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listVersions: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
                /** @description Only versions with this tag. */
                tag?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createVersion: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description What this version is. */
                    message?: string | null;
                    /** @description Free fields, up to 64 KiB. Whole numbers beyond 2^53 go in as text. */
                    metadata?: {
                        [key: string]: unknown;
                    } | null;
                    /** @description Comma-separated. */
                    tags?: string;
                    /** @description The model of `sourceVersion`, where it is another than this one. */
                    sourceModelId?: string;
                    /** @description Whose files to begin with: a version number, an alias, or `latest`. */
                    sourceVersion?: string;
                } | null;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    updateVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description True commits the version, for good. */
                    isCommitted?: boolean;
                    /** @description What this version is. */
                    message?: string | null;
                    /** @description Free fields, up to 64 KiB. Whole numbers beyond 2^53 go in as text. */
                    metadata?: {
                        [key: string]: unknown;
                    } | null;
                    /** @description Comma-separated. */
                    tags?: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        modelId: string;
                        version: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    downloadArchive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-tar": string;
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listFiles: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilePage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The path of the file in the version; its slashes may stay as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The range that was asked for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Still what the condition names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    putFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The path of the file in the version; its slashes may stay as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The path of the file in the version; its slashes may stay as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        modelId: string;
                        path: string;
                        version: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listUploads: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    contentType?: string;
                    path: string;
                    /** @description sha256, in hex. */
                    sha256?: string | null;
                    /** @description In bytes. */
                    size: number;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The id of the upload. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The id of the upload. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listParts: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The id of the upload. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PartPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    offerParts: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The id of the upload. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The first part is 1. */
                    numbers: number[];
                    /** @description sha256 of each of these parts, in hex: other bytes are refused then. */
                    sha256s?: string[];
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PartOffer"][];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    completeUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description A version number, an alias, or `latest`. */
                version: string;
                /** @description The id of the upload. */
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    parts?: {
                        number: number;
                        etag?: string;
                    }[];
                } | null;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listAliases: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AliasPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description The name of the alias. */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    setAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description The name of the alias. */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The version number that the alias points at now; null when there is none yet. Answers 409, and changes nothing, when it is another. */
                    expectedVersion?: string | number | null;
                    /** @description A version number, another alias, or `latest`. */
                    version: string | number;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteAlias: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model. */
                id: string;
                /** @description The name of the alias. */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        alias: string;
                        modelId: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listModelEvents: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
                /** @description Only events of this alias. */
                alias?: string;
                /** @description Only events of this kind, such as `version.commit`. */
                kind?: string;
                /** @description Only what this user did. */
                userId?: string;
                /** @description Only events of this version number. */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listTeamEvents: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
                /** @description Only events of this alias. */
                alias?: string;
                /** @description Only events of this kind, such as `version.commit`. */
                kind?: string;
                /** @description Only what this user did. */
                userId?: string;
                /** @description Only events of this version number. */
                version?: number;
                /** @description Only events of this model. */
                modelId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name of the project. */
                    name: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    updateProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name of the project. */
                    name: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listProjectModels: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
                /** @description Only models with exactly this name. */
                name?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    addProjectModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the project. */
                id: string;
                /** @description The id of the model. */
                modelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    removeProjectModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the project. */
                id: string;
                /** @description The id of the model. */
                modelId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listStorageProviders: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageProviderPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createStorageProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    isTeamDefault?: boolean;
                    name: string;
                    s3Config: {
                        /** @description Without keys the credentials of the machine are used, where its operator allows that for the bucket. */
                        accessKey?: string | null;
                        /**
                         * @description Whether the store compares a sha256 that each write carries (the default), or does not know that header.
                         * @enum {string}
                         */
                        checksums?: "sha256" | "none";
                        /** @description The URL of the store, unless it is AWS. */
                        endpoint?: string | null;
                        /** @description Whether the bucket's name is in the path of URLs; so unless given where there is an endpoint. */
                        pathStyle?: boolean | null;
                        /** @description What the key of every object begins with. No two registries may share one. */
                        prefix?: string | null;
                        /** @description Of the bucket. */
                        region?: string | null;
                        /** @description Kept as it is given; a provider can be deleted only when it holds nothing. */
                        retainData?: boolean | null;
                        /** @description `********` or nothing keeps the known one, unless the endpoint or the access key changes. */
                        secretAccessKey?: string | null;
                        /** @description `v4`, the only one there still is. */
                        signatureVersion?: string | null;
                        bucket: string;
                    };
                    /** @enum {string} */
                    storageProviderType: "s3";
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageProvider"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getStorageUtilization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageUtilization"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getStorageProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageProvider"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    updateStorageProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    isTeamDefault?: boolean;
                    name?: string;
                    s3Config?: {
                        /** @description Without keys the credentials of the machine are used, where its operator allows that for the bucket. */
                        accessKey?: string | null;
                        /**
                         * @description Whether the store compares a sha256 that each write carries (the default), or does not know that header.
                         * @enum {string}
                         */
                        checksums?: "sha256" | "none";
                        /** @description The URL of the store, unless it is AWS. */
                        endpoint?: string | null;
                        /** @description Whether the bucket's name is in the path of URLs; so unless given where there is an endpoint. */
                        pathStyle?: boolean | null;
                        /** @description What the key of every object begins with. No two registries may share one. */
                        prefix?: string | null;
                        /** @description Of the bucket. */
                        region?: string | null;
                        /** @description Kept as it is given; a provider can be deleted only when it holds nothing. */
                        retainData?: boolean | null;
                        /** @description `********` or nothing keeps the known one, unless the endpoint or the access key changes. */
                        secretAccessKey?: string | null;
                        /** @description `v4`, the only one there still is. */
                        signatureVersion?: string | null;
                        bucket?: string;
                    };
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageProvider"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteStorageProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getAccountStanding: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountStanding"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Never, unless given.
                     */
                    dtExpires?: string | null;
                    /** @description Whether it may manage teams and keys of all teams. Only an admin key, made by such a key. */
                    isInstanceAdmin?: boolean;
                    name: string;
                    /**
                     * @description admin includes writer, writer includes reader.
                     * @enum {string}
                     */
                    role: "reader" | "writer" | "admin";
                    /** @description For which team; your own unless given. Another one only with an instance-admin key. */
                    teamId?: string;
                    /** @description For which member it acts; yourself unless given, or the first member of another team. */
                    userId?: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email?: string | null;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listTeams: {
        parameters: {
            query?: {
                /** @description The `nextPage` of the page before. */
                after?: string;
                /** @description The number of items of the page. */
                limit?: number;
                /** @description Oldest or newest first; newest unless given. */
                order?: "asc" | "desc";
                /** @description The field to sort by. */
                orderBy?: "dtCreated";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamPage"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    createTeam: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes the request safe to repeat: sent again with the same key it has no second effect and gets the first result. With the same key and another content it is refused. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The unique name of the team. */
                    namespace: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewTeam"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    receivePart: {
        parameters: {
            query: {
                /** @description In ms since 1970. */
                expires: number;
                sha256?: string;
                signature: string;
            };
            header?: never;
            path: {
                upload: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Part"];
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
