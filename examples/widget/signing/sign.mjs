// Signs an identity for Heliotrope's widget. Node 16 or newer, nothing to install. node sign.mjs KEY_ID SECRET SITE CREATOR
import { createHmac, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that speaks for one creator for ten minutes, good for once. */
export function identity(keyId, secret, site, creator) {
  const claims = { sub: creator, aud: site, exp: Math.floor(Date.now() / 1000) + 600, jti: randomUUID() };
  const signed = `${part({ alg: "HS256", typ: "JWT", kid: keyId })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(identity(...process.argv.slice(2, 6)));
