/**
 * Station: `reckoner dlq list` and `reckoner dlq redrive`: what no consumer could use, and the way back.
 */
import { QUEUE_NAMES } from "../../contracts/resources.ts";
import { destroyClients } from "../../functions/stores/clients.ts";
import {
  createDeadLetterStore,
  type DeadLetterStore,
  type QueueRef,
  queueRefs,
} from "../../functions/stores/dead-letter-store.ts";
import type { Command, Ending, Flag, Invocation } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { countOf } from "../flags.ts";
import { findDeployment } from "./deployment.ts";
import { printable, tableOf, timeText } from "./table.ts";

const ENGINE_FLAG: Flag = {
  name: "engine",
  kind: "text",
  summary: "whose queue of commands is meant",
  standard: "RECKONER_ENGINE, or the one started here",
};
const QUEUE = { name: "QUEUE", summary: QUEUE_NAMES.join(", "), required: true };
const REDRIVE_STANDARD = 100;

export const dlqListCommand: Command = {
  operands: [{ ...QUEUE, summary: "show the letters of this queue", required: false }],
  flags: [ENGINE_FLAG],
  fields: [
    ["queues", "name and count of each dead-letter queue"],
    ["letters", "up to ten messages of the queue that was named; they stay where they are"],
  ],
  run: (invocation) =>
    withStore(invocation, async (store, engine) => {
      const [name] = invocation.operands;
      const refs = queueRefs([engine]);
      const queues = await Promise.all(refs.map((ref) => store.count(ref)));
      const ref = name === undefined ? undefined : refOf(refs, name);
      if (name !== undefined && ref === undefined) return noQueue(name);
      const letters = ref === undefined ? [] : await store.peek(ref);
      return {
        exitCode: EXIT.ok,
        lines: [
          ...tableOf(queues, [
            { name: "queue", of: (row) => row.name },
            { name: "dead", of: (row) => String(row.count), isNumber: true },
          ]),
          ...letters.map(
            ({ sentUs, receivedCount, body }) =>
              `${timeText(sentUs)} received ${receivedCount} times: ${printable(body)}`,
          ),
        ],
        json: { queues: queues.map(({ name: queue, count }) => ({ name: queue, count })), letters },
      };
    }),
};

export const dlqRedriveCommand: Command = {
  notes: ["Messages go back to the queue they came from. Mend what could not use them first."],
  operands: [QUEUE],
  flags: [
    { name: "max", kind: "count", summary: "how many at most", standard: String(REDRIVE_STANDARD) },
    ENGINE_FLAG,
  ],
  fields: [["redriven", "how many went back"]],
  run: (invocation) =>
    withStore(invocation, async (store, engine) => {
      const [name = ""] = invocation.operands;
      const ref = refOf(queueRefs([engine]), name);
      if (ref === undefined) return noQueue(name);
      const redriven = await store.redrive(ref, countOf(invocation.flags, "max", REDRIVE_STANDARD));
      return { exitCode: EXIT.ok, lines: [`${redriven} went back`], json: { redriven } };
    }),
};

function refOf(refs: readonly QueueRef[], name: string): QueueRef | undefined {
  return refs.find(({ queue }) => queue === name);
}

function noQueue(name: string): Ending {
  return refusal(EXIT.usage, `QUEUE: no queue ${name}; expected ${QUEUE_NAMES.join(", ")}`);
}

async function withStore(
  invocation: Invocation,
  work: (store: DeadLetterStore, engine: string) => Promise<Ending>,
): Promise<Ending> {
  const found = findDeployment(invocation.flags.get("engine"));
  if (!found.ok) return refusal(EXIT.environment, found.reason);
  const { clients, prefix, engine } = found.deployment;
  try {
    return await work(createDeadLetterStore(clients.queues, prefix), engine);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return refusal(EXIT.environment, `the queues do not answer: ${cause}`);
  } finally {
    destroyClients(clients);
  }
}
