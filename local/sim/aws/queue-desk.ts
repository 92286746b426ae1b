/**
 * Station: a command of SQS -> its queue, and the answer; a poll that finds nothing waits here for a message.
 */
import {
  commandQueueName,
  QUEUE_NAMES,
  QUEUES,
  type QueueName,
  queueName,
} from "../../../contracts/resources.ts";
import { type Micros, US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import type { CloudFaults } from "./cloud-faults.ts";
import { type Message, VirtualQueue } from "./queue.ts";
import { invalid, sdkError } from "./sdk-error.ts";

type Input = Readonly<Record<string, unknown>>;
type Answer = (output: unknown) => void;
type Poll = {
  readonly queue: VirtualQueue;
  readonly input: Input;
  readonly untilUs: Micros;
  readonly answer: Answer;
};

/** The functions' visibility: six times the consumer's time (local/aws/resources.ts). */
const VISIBILITY_FACTOR = 6;
const BATCH_MAX = 10;
const BODY_BYTES_MAX = 1024 * 1024;
/** Characters that SQS refuses (SendMessage, API reference, 2026-11-21). */
const REFUSED = /[\ufffe\uffff]/;

export class QueueDesk {
  readonly #queues = new Map<string, VirtualQueue>();
  readonly #faults: CloudFaults;
  readonly #nowUs: () => Micros;
  readonly #plan: (atUs: Micros, run: () => void) => void;
  #polls: Poll[] = [];
  /** The next look that is planned; infinity while none is. */
  #lookUs: Micros = Number.POSITIVE_INFINITY;

  constructor(
    faults: CloudFaults,
    nowUs: () => Micros,
    plan: (atUs: Micros, run: () => void) => void,
  ) {
    this.#faults = faults;
    this.#nowUs = nowUs;
    this.#plan = plan;
  }

  /** Makes the queues of the deployment `prefix` with these engines. */
  create(prefix: string, engines: readonly string[]): void {
    for (const queue of QUEUE_NAMES) {
      if (queue === "commands") {
        for (const engine of engines) {
          this.#make(
            queue,
            commandQueueName(prefix, engine),
            commandQueueName(prefix, engine, true),
          );
        }
      } else this.#make(queue, queueName(prefix, queue), queueName(prefix, queue, true));
    }
  }

  #make(queue: QueueName, live: string, deadName: string): void {
    const { isFifo, consumerTimeoutS, receivesMax } = QUEUES[queue];
    const visibilityUs = consumerTimeoutS * VISIBILITY_FACTOR * US_PER_S;
    const shape = { isFifo, receivesMax };
    const dead = new VirtualQueue(
      { ...shape, name: deadName, visibilityUs: 30 * US_PER_S, dead: undefined },
      this.#faults,
    );
    const made = new VirtualQueue({ ...shape, name: live, visibilityUs, dead }, this.#faults);
    for (const each of [made, dead]) {
      this.#queues.set(each.settings.name, each);
      each.onMessage = () => this.#wake();
    }
  }

  /** A queue by its name or address. Throws as the service does. */
  queue(address: unknown): VirtualQueue {
    const name = String(address).split("/").at(-1) ?? "";
    const queue = this.#queues.get(name);
    if (queue === undefined) throw sdkError("QueueDoesNotExist", 400);
    return queue;
  }

  /** Carries out one command; a poll may be answered later. */
  run(operation: string, input: Input, answer: Answer): void {
    if (operation === "ReceiveMessageCommand") {
      this.#receive(input, answer);
      return;
    }
    const run = this.#operations[operation];
    if (run === undefined) throw invalid(`the simulator has no ${operation}`);
    answer(run(input));
  }

  readonly #operations: Readonly<Record<string, (input: Input) => object>> = {
    GetQueueUrlCommand: ({ QueueName }) => {
      return { QueueUrl: `https://sqs.sim/000000000000/${this.queue(QueueName).settings.name}` };
    },
    GetQueueAttributesCommand: (input) => this.#attributes(input),
    SetQueueAttributesCommand: ({ QueueUrl, Attributes }) => {
      const { VisibilityTimeout } = Attributes as Input;
      this.queue(QueueUrl).settings.visibilityUs = Number(VisibilityTimeout) * US_PER_S;
      return {};
    },
    SendMessageCommand: (input) => ({ MessageId: this.#send(input.QueueUrl, input) }),
    SendMessageBatchCommand: (input) => this.#sendBatch(input),
    DeleteMessageCommand: ({ QueueUrl, ReceiptHandle }) => {
      this.queue(QueueUrl).delete(String(ReceiptHandle));
      return {};
    },
    DeleteMessageBatchCommand: (input) => {
      return eachEntry(input, ({ ReceiptHandle }) => {
        this.queue(input.QueueUrl).delete(String(ReceiptHandle));
      });
    },
    ChangeMessageVisibilityBatchCommand: (input) => {
      return eachEntry(input, ({ ReceiptHandle, VisibilityTimeout }) => {
        const hiddenUs = Number(VisibilityTimeout) * US_PER_S;
        this.queue(input.QueueUrl).hide(String(ReceiptHandle), hiddenUs, this.#nowUs());
      });
    },
  };

  #send(address: unknown, entry: Input): string {
    const queue = this.queue(address);
    const { MessageBody, MessageGroupId = "", MessageDeduplicationId = "" } = entry;
    const body = String(MessageBody);
    if (body.length > BODY_BYTES_MAX) throw invalid("the message is too long");
    if (REFUSED.test(body)) throw sdkError("InvalidMessageContents", 400);
    const { isFifo } = queue.settings;
    if (isFifo && (MessageGroupId === "" || MessageDeduplicationId === "")) {
      throw sdkError("MissingParameter", 400);
    }
    const sending = {
      body,
      attributes: entry.MessageAttributes,
      group: String(MessageGroupId),
      dedupId: String(MessageDeduplicationId),
    };
    return queue.send(sending, this.#nowUs());
  }

  #sendBatch(input: Input): object {
    return eachEntry(input, (entry) => {
      if (this.#faults.strikes("C19")) throw sdkError("InternalError", 500);
      this.#send(input.QueueUrl, entry);
    });
  }

  #attributes({ QueueUrl }: Input): object {
    const { messages, settings } = this.queue(QueueUrl);
    const waiting = messages.filter(({ visibleUs }) => visibleUs <= this.#nowUs()).length;
    return {
      Attributes: {
        QueueArn: `arn:aws:sqs:us-east-1:000000000000:${settings.name}`,
        ApproximateNumberOfMessages: String(waiting),
        ApproximateNumberOfMessagesNotVisible: String(messages.length - waiting),
      },
    };
  }

  #receive(input: Input, answer: Answer): void {
    const queue = this.queue(input.QueueUrl);
    const waitUs = Number(input.WaitTimeSeconds ?? 0) * US_PER_S;
    const poll: Poll = { queue, input, untilUs: this.#nowUs() + waitUs, answer };
    if (this.#serve(poll)) return;
    this.#polls.push(poll);
    this.#planLook();
  }

  /** A moment after whatever changed, so that no answer is given inside somebody's request. */
  #wake(): void {
    if (this.#polls.length > 0) this.#planAt(this.#nowUs());
  }

  /** A look at the next moment at which one of the polls may have its answer. */
  #planLook(): void {
    const nowUs = this.#nowUs();
    let nextUs = Number.POSITIVE_INFINITY;
    for (const { queue, untilUs } of this.#polls) {
      nextUs = Math.min(nextUs, untilUs, queue.nextVisibleUs(nowUs));
    }
    if (nextUs < Number.POSITIVE_INFINITY) this.#planAt(nextUs);
  }

  #planAt(atUs: Micros): void {
    if (atUs >= this.#lookUs) return;
    this.#lookUs = atUs;
    this.#plan(atUs, () => {
      // A look that an earlier one has made needless; that one has planned its own successor.
      if (this.#lookUs !== atUs) return;
      this.#lookUs = Number.POSITIVE_INFINITY;
      this.#look();
    });
  }

  #look(): void {
    const polls = this.#polls;
    this.#polls = [];
    const waiting = polls.filter((poll) => !this.#serve(poll));
    this.#polls = [...waiting, ...this.#polls];
    this.#planLook();
  }

  /** Whether the poll got its answer: messages, or that its time is over. */
  #serve({ queue, input, untilUs, answer }: Poll): boolean {
    const nowUs = this.#nowUs();
    const { VisibilityTimeout, MaxNumberOfMessages } = input;
    const { visibilityUs } = queue.settings;
    const hiddenUs =
      VisibilityTimeout === undefined ? visibilityUs : Number(VisibilityTimeout) * US_PER_S;
    const messages = queue.receive(Number(MaxNumberOfMessages ?? 1), hiddenUs, nowUs);
    if (messages.length === 0 && nowUs < untilUs) return false;
    answer(messages.length === 0 ? {} : { Messages: messages.map(shownMessage) });
    return true;
  }
}

function shownMessage(message: Message): object {
  const { id, body, receipt, attributes, group, sentUs, receives } = message;
  return {
    MessageId: id,
    Body: body,
    ReceiptHandle: receipt,
    Attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(Math.floor(sentUs / US_PER_MS)),
      ...(group !== "" && { MessageGroupId: group }),
    },
    ...(attributes !== undefined && { MessageAttributes: attributes }),
  };
}

/** Each entry of a batch by itself: what is done and what is not, by their ids. */
function eachEntry(input: Input, run: (entry: Input) => void): object {
  const entries = input.Entries as readonly Input[];
  if (entries.length === 0 || entries.length > BATCH_MAX) throw invalid("one to ten entries");
  const done: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      run(entry);
      done.push({ Id: entry.Id });
    } catch (error) {
      const { name } = error as Error;
      failed.push({ Id: entry.Id, Code: name, Message: name, SenderFault: false });
    }
  }
  return { Successful: done, Failed: failed };
}
