// Answers questions for the Node implementations: one JSON object a line in, one JSON object a line out.
// {implementation, question, case} → {answer} or {refused: text}.

import readline from "node:readline";
import { createRequire } from "node:module";
import SCIMMY from "scimmy";

const require = createRequire(import.meta.url);
const scimPatch = require("scim-patch");
const parseFilter = require("scim2-parse-filter");
const queryFilter = require("scim-query-filter-parser");

SCIMMY.Schemas.User.extend(SCIMMY.Schemas.EnterpriseUser.definition);

const copy = (value) => JSON.parse(JSON.stringify(value));
const user = (document, direction = "both", filters) =>
    copy(new SCIMMY.Schemas.User(copy(document), direction, undefined, filters));

function tree(node) {
    switch (node.op) {
        case "and":
        case "or":
            return [node.op, ...node.filters.map(tree)];
        case "not":
            return ["not", tree(node.filter)];
        case "[]":
            return ["[]", node.attrPath, tree(node.valFilter)];
        case "pr":
            return ["pr", node.attrPath];
        default:
            return [node.op, node.attrPath, node.compValue];
    }
}

const implementations = {
    "scim2-parse-filter": {
        read: ({ text }) => tree(parseFilter.parse(text)),
        match: ({ filter, resource }) => parseFilter.filter(parseFilter.parse(filter))(resource),
    },
    "scim-query-filter-parser": {
        accept: ({ text }) => Boolean(queryFilter.compileFilter(text)),
        match: ({ filter, resource }) => queryFilter.compileFilter(filter)(resource),
    },
    "scim-patch": {
        patch: ({ resource, operations }) => {
            scimPatch.patchBodyValidation({ schemas: [scimPatch.PATCH_OPERATION_SCHEMA], Operations: operations });
            return copy(scimPatch.scimPatch(copy(resource), copy(operations), { mutateDocument: false, treatMissingAsAdd: false }));
        },
    },
    scimmy: {
        match: ({ filter, resource }) => new SCIMMY.Types.Filter(filter).match([resource]).length === 1,
        patch: async ({ resource, operations }) => {
            const stored = new SCIMMY.Schemas.User(copy(resource));
            const message = new SCIMMY.Messages.PatchOp({
                schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                Operations: copy(operations),
            });
            return copy((await message.apply(stored)) ?? stored);
        },
        create: ({ body }) => user(body, "in"),
        project: ({ resource, attributes, excluded }) => {
            const query = { ...(attributes ? { attributes: attributes.join() } : {}), ...(excluded ? { excludedAttributes: excluded.join() } : {}) };
            return user(resource, "out", new SCIMMY.Resources.User("1", query).attributes);
        },
        sort: ({ resources, by, descending }) =>
            copy(new SCIMMY.Messages.ListResponse(copy(resources), { sortBy: by, ...(descending ? { sortOrder: "descending" } : {}) }).Resources).map(({ id }) => id),
    },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
    const { implementation, question, case: given } = JSON.parse(line);
    let reply;
    try {
        reply = { answer: (await implementations[implementation][question](given)) ?? null };
    } catch (error) {
        reply = { refused: [error.scimType ?? error.scimCode, error.message].filter(Boolean).join(": ") };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
}
