// Reads a receipt of the axis with the code that npm verifies provenance with, and nothing of ours:
//
//   node read.js RECEIPT.tlog-proof VERIFIER-KEY
//
// Its parts for transparency logs are internal, hence the paths.
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');

const sigstore = path.join(__dirname, 'node_modules', '@sigstore', 'verify', 'dist', 'tlog');
const { verifyCheckpoint } = require(path.join(sigstore, 'checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(sigstore, 'merkle.js'));

const [file, vkey] = process.argv.slice(2);
const [name, id, key] = vkey.split(/\+(.{8})\+/);
const spki = Buffer.concat([
  Buffer.from('302a300506032b6570032100', 'hex'), // RFC 8410: what stands before an Ed25519 key
  Buffer.from(key, 'base64').subarray(1),
]);
const log = {
  logID: Buffer.from(id, 'hex'),
  baseURL: name,
  publicKey: crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }),
};

const text = fs.readFileSync(file, 'utf-8');
const gap = text.indexOf('\n\n');
const [, extra, index, ...hashes] = text.slice(0, gap).split('\n');
const receipt = JSON.parse(Buffer.from(extra.replace('extra ', ''), 'base64').toString('utf-8'));
const entry = {
  canonicalizedBody: Buffer.from(receipt.entry, 'utf-8'),
  inclusionProof: {
    logIndex: index.replace('index ', ''),
    hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    checkpoint: { envelope: text.slice(gap + 2) },
  },
};
const checkpoint = verifyCheckpoint(entry, [log]);
verifyMerkleInclusion(entry, checkpoint);
console.log(checkpoint.origin, String(checkpoint.logSize), entry.inclusionProof.logIndex);
