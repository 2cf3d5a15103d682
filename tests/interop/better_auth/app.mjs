// Better Auth with its SCIM plugin over its memory adapter.
import { createServer } from "node:http";
import { scim } from "@better-auth/scim";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { getAuthTables } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";

const { PORT, TOKEN } = process.env;
const plugins = [scim({ connections: [{ id: "interop", credentials: [{ id: "interop", token: TOKEN }] }] })];
const tables = Object.values(getAuthTables({ plugins })).map(({ modelName }) => [modelName, []]);
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: "interop-interop-interop-interop-interop",
  database: memoryAdapter(Object.fromEntries(tables)),
  telemetry: { enabled: false },
  plugins,
});
// On a busy machine a connection would else be closed just when its next request is on the way.
createServer({ keepAliveTimeout: 60_000 }, toNodeHandler(auth)).listen(Number(PORT), "127.0.0.1");
