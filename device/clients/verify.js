#!/usr/bin/env node
// Verifies the customer at the counter through portraitd's socket, without any library.
//
// usage: verify.js SOCKET PORTRAIT.jpg TRANSACTION NONCE
//
// TRANSACTION and NONCE (16 to 64 random bytes in base64url without padding, used once) come from the backend.
// Ctrl-C cancels. Ends with 0 when the customer is verified, 1 on another verdict, 2 on an error.
"use strict";
const fs = require("fs");
const net = require("net");
const sentences = require("./sentences.json");

const LONGEST_REPLY = 1 << 20; // bytes
const PATIENCE = 60_000; // milliseconds without a reply; a verification reports several times a second
const language = (process.env.LANG ?? "").startsWith("zh") ? "zh" : "en";

// What a person should read; new words may come with a new version of the device.
function sentence(kind, word) {
  return (sentences[kind][word] ?? { en: "Please wait.", zh: "请稍候。" })[language];
}

const [path, portrait, transaction, nonce] = process.argv.slice(2);
if (!nonce) end(2, "usage: verify.js SOCKET PORTRAIT.jpg TRANSACTION NONCE");

const request = {
  transaction, nonce, purpose: "number activation",
  consent: { noticeVersion: "1", givenAt: new Date().toISOString(), method: "onScreen" },
  portrait: fs.readFileSync(portrait).toString("base64"),
};
const message = { method: "io.portraitd.Counter.Verify", parameters: { request }, more: true };
const connection = net.connect(path, () => connection.write(JSON.stringify(message) + "\0"));
connection.setTimeout(PATIENCE, () => end(2, "the device does not answer"));
connection.on("error", (error) => end(2, error.message));
connection.on("close", () => end(2, "the device hung up"));
process.on("SIGINT", () => end(130)); // leaving closes the connection, and that cancels

// A reply may come in several pieces, and a piece may hold several. Bytes are joined, not text, so that no
// character is torn.
let received = Buffer.alloc(0);
connection.on("data", (piece) => {
  received = Buffer.concat([received, piece]);
  for (let nul; (nul = received.indexOf(0)) >= 0; received = received.subarray(nul + 1)) {
    take(JSON.parse(received.subarray(0, nul).toString("utf8")));
  }
  if (received.length > LONGEST_REPLY) end(2, "the reply is too long");
});

let said;
function take({ error, parameters = {} }) {
  const { problem, remedy, progress, outcome } = parameters;
  if (error) end(2, `${error} ${problem ?? JSON.stringify(parameters)} ${remedy ?? ""}`);
  if (outcome) {
    console.log("verdict:", outcome.verdict, "-", sentence("Verdict", outcome.verdict));
    for (const word of outcome.reasons) console.log("reason:", word, "-", sentence("Reason", word));
    console.log("receipt:", outcome.receipt ?? "none");
    end(outcome.verdict === "verified" ? 0 : 1);
  }
  const { advice, instruction, stage } = progress;
  const now = advice.length ? sentence("Advice", advice[0])
    : instruction ? sentence("Instruction", instruction) : sentence("Stage", stage);
  if (now !== said) console.log((said = now));
}

function end(status, problem) {
  if (problem) console.error(problem);
  process.exit(status);
}
