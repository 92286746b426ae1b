// Goal: a command or alert that is sent twice is delivered once, in order, and a dead letter finds its way back.
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Alert } from "../../../contracts/alert.ts";
import type { OperatorCommand } from "../../../contracts/operator-command.ts";
import { commandQueueName, QUEUES, queueName } from "../../../contracts/resources.ts";
import { alertId, createAlertQueue } from "../../../functions/stores/alert-queue.ts";
import { createCommandQueue } from "../../../functions/stores/command-queue.ts";
import {
  createDeadLetterStore,
  type QueueRef,
  queueRefs,
} from "../../../functions/stores/dead-letter-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

function command(commandId: string): OperatorCommand {
  return {
    schemaVersion: 1,
    commandId,
    engine: "paper",
    action: { kind: "pause" },
    by: "ada",
    reason: "",
    askedUs: 1,
    expiresUs: 2,
  };
}

function alert(change: Partial<Alert> = {}): Alert {
  return {
    schemaVersion: 1,
    incidentId: "incident 1 / with ü and spaces",
    engine: "paper",
    severity: 1,
    kind: "killed",
    text: "killed",
    atUs: 1,
    ...change,
  };
}

describe.each(awsTargets("sqs"))("queues at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.queues);
    });
    afterAll(async () => await rig.stop());

    const urlOf = async (name: string): Promise<string> => {
      const answer = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName: name }));
      return answer.QueueUrl ?? "";
    };

    const receive = async (name: string, waitS = 1): Promise<readonly Message[]> => {
      const { Messages = [] } = await rig.clients.queues.send(
        new ReceiveMessageCommand({
          QueueUrl: await urlOf(name),
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: waitS,
          MessageSystemAttributeNames: ["All"],
        }),
      );
      return Messages;
    };

    const drain = async (name: string): Promise<readonly string[]> => {
      const bodies: string[] = [];
      for (let batch = await receive(name); batch.length > 0; batch = await receive(name)) {
        for (const { Body = "", ReceiptHandle } of batch) {
          bodies.push(Body);
          const QueueUrl = await urlOf(name);
          await rig.clients.queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
      return bodies;
    };

    test("commands arrive once each and in order, whatever is sent twice or lost", async () => {
      const queue = createCommandQueue(rig.clients.queues, rig.prefix);
      faults.add("SendMessageCommand", "lostAnswer");
      expect(await queue.send(command("c1"))).not.toBe("");
      await queue.send(command("c2"));
      await queue.send(command("c1"));
      await queue.send(command("c3"));
      const bodies = await drain(commandQueueName(rig.prefix, "paper"));
      expect(bodies.map((body) => JSON.parse(body))).toEqual(["c1", "c2", "c3"].map(command));
    });

    test("a command to an engine without a queue is refused, and works once there is one", async () => {
      const queue = createCommandQueue(rig.clients.queues, rig.prefix);
      faults.add("GetQueueUrlCommand", "denied");
      await expect(queue.send(command("c4"))).rejects.toMatchObject({ fault: "denied" });
      await queue.send(command("c4"));
      expect(await drain(commandQueueName(rig.prefix, "paper"))).toHaveLength(1);
      const stranger = { ...command("c5"), engine: "nobody" };
      await expect(queue.send(stranger)).rejects.toMatchObject({ fault: "refused" });
    });

    test("a storm of alerts about one incident is one message for each kind", async () => {
      const queue = createAlertQueue(rig.clients.queues, rig.prefix);
      for (let n = 0; n < 20; n++) await queue.send(alert({ atUs: n }));
      await queue.send(alert({ kind: "leaseLost" }));
      const bodies = await drain(queueName(rig.prefix, "alerts"));
      expect(bodies.map((body) => JSON.parse(body).kind)).toEqual(["killed", "leaseLost"]);
      expect(alertId(alert())).toMatch(/^[0-9a-f]{64}$/);
      expect(alertId(alert({ engine: "other" }))).not.toBe(alertId(alert()));
    });

    test("every queue of a deployment can be named", () => {
      expect(queueRefs(["a", "b"])).toEqual([
        { queue: "commands", engine: "a" },
        { queue: "commands", engine: "b" },
        { queue: "records" },
        { queue: "alerts" },
        { queue: "archive" },
      ]);
    });

    const cases: readonly (readonly [QueueRef, string, string])[] = [
      [{ queue: "records" }, "records", "records-dead"],
      [{ queue: "commands", engine: "paper" }, "paper-commands.fifo", "paper-commands-dead.fifo"],
    ];

    test.each(cases)(
      "%j: what is received too often dies, is counted, seen, and goes back",
      async (ref, live, dead) => {
        const name = `${rig.prefix}-${live}`;
        const QueueUrl = await urlOf(name);
        const fifo = ref.queue === "commands" && {
          MessageGroupId: "paper",
          MessageDeduplicationId: "poison",
        };
        // Visible at once, so that the test need not wait for deliveries.
        const quick = { VisibilityTimeout: "0" };
        await rig.clients.queues.send(
          new SetQueueAttributesCommand({ QueueUrl, Attributes: quick }),
        );
        await rig.clients.queues.send(
          new SendMessageCommand({ QueueUrl, MessageBody: "poison", ...fifo }),
        );
        const store = createDeadLetterStore(rig.clients.queues, rig.prefix);
        for (let n = 0; n <= QUEUES[ref.queue].receivesMax; n++) await receive(name, 0);
        expect(await store.count(ref)).toEqual({ ref, name: `${rig.prefix}-${dead}`, count: 1 });
        const [seen, ...others] = await store.peek(ref);
        expect(others).toEqual([]);
        expect(seen).toMatchObject({ body: "poison", messageId: expect.stringMatching(/./) });
        expect(seen?.sentUs).toBeGreaterThan(1_700_000_000_000_000);
        await expect.poll(() => store.redrive(ref, 10), { timeout: 10_000 }).toBe(1);
        expect(await store.count(ref)).toMatchObject({ count: 0 });
        expect((await receive(name, 0)).map(({ Body }) => Body)).toEqual(["poison"]);
        expect(await store.redrive(ref, 10)).toBe(0);
      },
    );

    test("a redrive that dies between sending and deleting repeats and loses nothing", async () => {
      const ref = { queue: "archive" } as const;
      const store = createDeadLetterStore(rig.clients.queues, rig.prefix);
      const QueueUrl = await urlOf(queueName(rig.prefix, "archive", true));
      const attributes = { VisibilityTimeout: "1" };
      await rig.clients.queues.send(
        new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }),
      );
      for (const MessageBody of ["a", "b", "c"]) {
        await rig.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      }
      expect(await store.redrive(ref, 2)).toBe(2);
      expect(await store.count(ref)).toMatchObject({ count: 1 });
      expect(await drain(queueName(rig.prefix, "archive"))).toHaveLength(2);
      faults.add("SendMessageCommand", "denied");
      const other = { queue: "alerts" } as const;
      const alertsDead = await urlOf(queueName(rig.prefix, "alerts", true));
      faults.add("ReceiveMessageCommand", "denied");
      await expect(store.peek(other)).rejects.toMatchObject({ fault: "denied" });
      const fifo = { MessageGroupId: "paper", MessageDeduplicationId: "d1" };
      const send = new SendMessageCommand({ QueueUrl: alertsDead, MessageBody: "d", ...fifo });
      await expect(rig.clients.queues.send(send)).rejects.toThrow("planted");
      await rig.clients.queues.send(send);
      faults.add("DeleteMessageCommand", "denied");
      await expect(store.redrive(other, 10)).rejects.toMatchObject({ fault: "denied" });
      expect(await drain(queueName(rig.prefix, "alerts"))).toEqual(["d"]);
      expect(await store.count(other)).toMatchObject({ count: 1 });
    });
  });
});
