// A manager of one guest in JavaScript. Its one argument makes it break the protocol in one way.
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";

const mode = process.argv[2] ?? "good";
const answer = (message) => writeSync(1, JSON.stringify(message) + "\n");
const capabilities = { name: "manager.mjs", version: "1", products: ["xenserver"] };
let registered = false;
let running = true;

const operations = {
  capabilities: () => ({ result: capabilities }),
  register: () => {
    registered = true;
    return { result: { outcome: "done", value: "r-1" } };
  },
  unregister: () => ({ result: { outcome: "done" } }),
  refresh: () => ({ result: { outcome: "done" } }),
  list_hosts: () => ({
    result: registered
      ? [{ id: "h-1", name: "alpha", product: "xenserver", pool: null, status: "normal", in_maintenance: false }]
      : [],
  }),
  list_guests: () => ({
    result: registered
      ? [{ id: "g-1", display_name: "vm", host: "h-1", status: running ? "normal" : "stop", product: "xenserver", native_id: "vm-1" }]
      : [],
  }),
  power: (args) => {
    if (!registered || args.guest !== "g-1") return { result: { outcome: "refused", reason: "GUEST_GONE" } };
    running = args.action !== "off";
    return { result: { outcome: "done" } };
  },
  migrate: () => ({ unsupported: { reason: "one host only" } }),
  maintenance: () => ({ result: { outcome: "refused", reason: "HOST_IS_POOL_MASTER", detail: "alpha" } }),
};

const broken = {
  crash: () => process.exit(7),
  signal: () => process.kill(process.pid, "SIGKILL"),
  silent: () => {},
  garbage: () => writeSync(1, "Segmentation fault (core dumped)\n"),
  binary: () => writeSync(1, Buffer.from([0xff, 0xfe, 0x00, 0x0a])),
  endless: () => {
    writeSync(1, "half a line");
    process.exit(0);
  },
  wrongseq: (seq) => answer({ seq: seq + 1, result: { outcome: "done" } }),
  both: (seq) => answer({ seq, result: null, error: { message: "?" } }),
  neither: (seq) => answer({ seq }),
  scalar: () => answer(42),
  badresult: (seq) => answer({ seq, result: { outcome: "splendid" } }),
  badreason: (seq) => answer({ seq, result: { outcome: "refused", reason: "BECAUSE" } }),
  error: (seq) => answer({ seq, error: { message: "null pointer" } }),
  known: (seq) => answer({ seq, known: { issue_url: "https://issues.example/9" } }),
  unsupported: (seq) => answer({ seq, unsupported: { reason: "no power" } }),
  twice: (seq) => {
    answer({ seq, result: { outcome: "done" } });
    answer({ seq, result: { outcome: "done" } });
  },
  deaf: () => {},
};

process.stderr.write(`manager.mjs in mode ${mode}\n`);
if (mode === "noisy") process.stderr.write("noise ".repeat(20000));
if (mode === "unborn") process.exit(3);

for await (const line of createInterface({ input: process.stdin })) {
  const { type, seq, op, args } = JSON.parse(line);
  if (type === "stop") {
    if (mode === "deaf") continue;
    process.exit(mode === "badend" ? 5 : 0);
  }
  if (type === "start") answer({ seq, result: capabilities });
  else if (type === "open") {
    registered = mode === "forgetful" && registered;
    running = true;
    answer({ seq, result: null });
  } else if (op === "power" && mode in broken && mode !== "deaf") broken[mode](seq);
  else answer({ seq, ...(operations[op]?.(args) ?? { unsupported: { reason: `no ${op}` } }) });
}
// A program that is deaf does not end with its input either.
if (mode === "deaf") setInterval(() => {}, 1000);
