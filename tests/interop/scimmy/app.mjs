// SCIMMY with SCIMMY Express Routers over two maps: the least an application must bring along.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const stores = { User: new Map(), Group: new Map() };

function find(type, id) {
  const found = stores[type].get(id);
  if (!found) throw new SCIMMY.Types.Error(404, null, `${type} ${id} does not exist`);
  return found;
}

function refuseTakenName(id, userName) {
  for (const other of stores.User.values()) {
    if (other.id !== id && other.userName.toLowerCase() === userName.toLowerCase()) {
      throw new SCIMMY.Types.Error(409, "uniqueness", `userName ${userName} is taken`);
    }
  }
}

function withGroups(user) {
  const groups = [...stores.Group.values()].filter((group) => group.members?.some(({ value }) => value === user.id));
  return { ...user, groups: groups.map(({ id, displayName }) => ({ value: id, display: displayName })) };
}

function handlers(type, shown = (resource) => resource) {
  const store = stores[type];
  return {
    ingress({ id: known }, data) {
      if (known) find(type, known);
      const id = known ?? randomUUID();
      const now = new Date().toISOString();
      const document = { ...JSON.parse(JSON.stringify(data)), id };
      if (type === "User") refuseTakenName(id, document.userName);
      document.meta = { created: store.get(id)?.meta.created ?? now, lastModified: now };
      store.set(id, document);
      return shown(document);
    },
    egress({ id, filter }) {
      if (id) return shown(find(type, id));
      const all = [...store.values()].map(shown);
      return filter ? filter.match(all) : all;
    },
    degress({ id }) {
      find(type, id);
      store.delete(id);
    },
  };
}

// Whom the token belongs to, for /Me.
const subject = { id: randomUUID(), userName: "interop@example.com" };
const now = new Date().toISOString();
stores.User.set(subject.id, { ...subject, meta: { created: now, lastModified: now } });

SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers("User", withGroups));
SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers("Group"));
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

const { PORT, TOKEN } = process.env;
const handler = ({ headers }) => {
  if (headers.authorization !== `Bearer ${TOKEN}`) throw new Error("the bearer token is missing or wrong");
  return subject.id;
};
express()
  .use("/scim/v2", new SCIMMYRouters({ type: "bearer", docUri: "https://example.com/docs", handler }))
  .listen(Number(PORT), "127.0.0.1")
  // On a busy machine a connection would else be closed just when its next request is on the way.
  .keepAliveTimeout = 60_000;
