#!/usr/bin/env node
// Checks a receipt of portraitd in the backend, without any library.
//
// usage: checkReceipt.js KEY.jwk TRANSACTION NONCE PORTRAIT.jpg < RECEIPT
//
// KEY.jwk is the device's public key, noted when the device was commissioned: what portraitctl commission wrote, or
// the member key of it. TRANSACTION and NONCE are what the backend gave out. PORTRAIT.jpg is the backend's OWN copy
// from the document's chip, never the POS's.
"use strict";
const crypto = require("crypto");
const fs = require("fs");

const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();

// What ties a receipt to the nonce and to the portrait.
function bind(nonce, portrait) {
  return sha256(sha256(Buffer.from(nonce, "base64url")), sha256(portrait)).toString("base64url");
}

// Returns the claims of a receipt that can be trusted; throws otherwise.
function check(receipt, identity, transaction, nonce, portrait) {
  const key = identity.key ?? identity;
  const parts = receipt.split(".");
  const [header, claims] = parts.map((part) => Buffer.from(part, "base64url"));
  const { alg, typ, kid } = JSON.parse(header);
  if (parts.length !== 3 || alg !== "EdDSA" || typ !== "portraitd-receipt+jwt" || kid !== key.kid) {
    throw new Error("it is no receipt of this device");
  }
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  const publicKey = crypto.createPublicKey({ key, format: "jwk" });
  if (!crypto.verify(null, signed, publicKey, Buffer.from(parts[2], "base64url"))) {
    throw new Error("the signature does not fit");
  }
  const found = JSON.parse(claims);
  const expected = { source: "camera", transaction, nonce, portraitBinding: bind(nonce, portrait) };
  for (const [name, value] of Object.entries(expected)) {
    if (found[name] !== value) throw new Error(`${name} is ${found[name]}, not ${value}`);
  }
  return found;
}

const [keyFile, transaction, nonce, portraitFile] = process.argv.slice(2);
try {
  const receipt = fs.readFileSync(0, "utf8").trim();
  const identity = JSON.parse(fs.readFileSync(keyFile, "utf8"));
  console.log("verdict:", check(receipt, identity, transaction, nonce, fs.readFileSync(portraitFile)).verdict);
} catch (error) {
  console.error(`refused: ${error.message}`);
  process.exit(1);
}
