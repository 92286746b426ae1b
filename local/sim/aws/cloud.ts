/**
 * The virtual AWS: tables, queues, buckets and secrets of one deployment on the kernel's time, and clients that
 * the stores and the engine take for the SDK's.
 *
 * A client is an object with `send(command)`: everything above it is production code. What is below it (the
 * wire, signatures, connections) is not simulated; that the semantics are the same is held by running the
 * stores' own contract suite against it.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ATTEMPTS_MAX } from "../../../functions/stores/clients.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { BucketDesk, SecretDesk } from "./bucket-desk.ts";
import { type CallListener, CallPath, type ClientPlan, type Work } from "./call-path.ts";
import type { CloudFaults, Service } from "./cloud-faults.ts";
import { type Middleware, MiddlewareStack } from "./middleware-stack.ts";
import { QueueDesk } from "./queue-desk.ts";
import { PLAIN, TableDesk, WIRE } from "./table-desk.ts";

export type CloudOptions = {
  readonly kernel: Kernel;
  readonly faults: CloudFaults;
  readonly seed: number;
  readonly prefix: string;
  readonly place: string;
  readonly engines: readonly string[];
  readonly onCall?: CallListener;
};

export type VirtualClients = {
  readonly tables: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly queues: SQSClient;
  readonly objects: S3Client;
  readonly secrets: SecretsManagerClient;
};

type Command = { readonly input: object; readonly constructor: { readonly name: string } };
type SendOptions = { readonly abortSignal?: AbortSignal };
type Serve = (operation: string, input: Readonly<Record<string, unknown>>) => Work;

/** Time limits of attempts as the functions' clients have them (functions/stores/clients.ts). */
const TIMEOUTS_MS: Readonly<Record<Service, number>> = {
  tables: 3_000,
  queues: 25_000,
  objects: 15_000,
  secrets: 3_000,
};

/** The document client's names for what the service calls otherwise. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  GetCommand: "GetItemCommand",
  PutCommand: "PutItemCommand",
  UpdateCommand: "UpdateItemCommand",
  BatchGetCommand: "BatchGetItemCommand",
};

export class VirtualCloud {
  readonly tables: TableDesk;
  readonly queues: QueueDesk;
  readonly objects: BucketDesk;
  readonly secrets = new SecretDesk();
  readonly #path: CallPath;

  constructor(options: CloudOptions) {
    const { kernel, faults, seed, prefix, place, engines, onCall = () => undefined } = options;
    const nowUs = (): number => kernel.nowUs;
    this.#path = new CallPath(kernel, faults, seed, onCall);
    this.tables = new TableDesk(faults, nowUs);
    this.queues = new QueueDesk(faults, nowUs, (atUs, run) => this.#path.plan(atUs, run));
    this.objects = new BucketDesk(faults);
    this.tables.create(prefix);
    this.queues.create(prefix, engines);
    this.objects.create(prefix, place);
  }

  /** Clients that try so often by themselves; one attempt is what the engine's clients make. */
  clients(attemptsMax = ATTEMPTS_MAX): VirtualClients {
    const of = (service: Service, serve: Serve, stack = new MiddlewareStack()): unknown =>
      this.#client({ service, attemptsMax, timeoutMs: TIMEOUTS_MS[service] }, serve, stack);
    // The document client stands on the other one: what is put into its stack counts for both.
    const stack = new MiddlewareStack();
    const tables: Serve = (name, input) => (answer) => answer(this.tables.run(name, input, WIRE));
    const plain: Serve = (name, input) => (answer) => answer(this.tables.run(name, input, PLAIN));
    const queues: Serve = (name, input) => (answer) => this.queues.run(name, input, answer);
    const objects: Serve = (name, input) => (answer) => answer(this.objects.run(name, input));
    const secrets: Serve = (name, input) => (answer) => answer(this.secrets.run(name, input));
    return {
      tables: of("tables", tables, stack) as DynamoDBClient,
      documents: of("tables", plain, stack) as DynamoDBDocumentClient,
      queues: of("queues", queues) as SQSClient,
      objects: of("objects", objects) as S3Client,
      secrets: of("secrets", secrets) as SecretsManagerClient,
    };
  }

  #client(plan: ClientPlan, serve: Serve, middlewareStack: MiddlewareStack): object {
    const path = this.#path;
    return {
      // What Powertools asks a client for, to see that it is one.
      config: { serviceId: plan.service },
      middlewareStack,
      destroy: () => undefined,
      send: (command: Command, { abortSignal: signal }: SendOptions = {}): Promise<unknown> => {
        const given = command.constructor.name;
        const operation = SERVICE_NAMES[given] ?? given;
        const input = command.input as Readonly<Record<string, unknown>>;
        const work = serve(operation, input);
        const once: Middleware = () =>
          path.send({ ...plan, attemptsMax: 1 }, { operation, work, signal });
        if (middlewareStack.isEmpty) return path.send(plan, { operation, work, signal });
        return middlewareStack.run({ operation, input, attemptsMax: plan.attemptsMax }, once);
      },
    };
  }
}
