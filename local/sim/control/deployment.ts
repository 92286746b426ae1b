/**
 * The functions of a deployment over the virtual AWS: each handler put together as its own `handler.ts` does it,
 * from the same parts, with the simulator's clients where that one makes the SDK's.
 *
 * Every call puts its parts together anew, as a container does that has just begun: what one call remembers by
 * itself, no other may rely upon.
 */
import type { Context, SQSEvent } from "aws-lambda";
import { US_PER_MS } from "../../../contracts/time.ts";
import { buildReport } from "../../../functions/build-report/build.ts";
import { readRequest } from "../../../functions/build-report/logic.ts";
import { compactNotice } from "../../../functions/compact-archive/notice.ts";
import { eachMessage } from "../../../functions/platform/batch.ts";
import { wallClock } from "../../../functions/platform/clock.ts";
import { createTurns } from "../../../functions/platform/in-turn.ts";
import { projectMessage } from "../../../functions/project-records/project.ts";
import { readChannelPlan } from "../../../functions/send-alerts/channel-plan.ts";
import { createChannels } from "../../../functions/send-alerts/channels.ts";
import { deliverMessage } from "../../../functions/send-alerts/deliver.ts";
import { DEFAULT_ROUTES } from "../../../functions/send-alerts/logic.ts";
import { createAlertQueue } from "../../../functions/stores/alert-queue.ts";
import { createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createAuditRootStore } from "../../../functions/stores/audit-root-store.ts";
import { createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { createIdempotencyStore } from "../../../functions/stores/idempotency-store.ts";
import { createLeaseStore } from "../../../functions/stores/lease-store.ts";
import { createSecretStore } from "../../../functions/stores/secret-store.ts";
import { createWatchStore } from "../../../functions/stores/watch-store.ts";
import { watchEngine } from "../../../functions/watch-engine/watch.ts";
import type { VirtualClients } from "../aws/cloud.ts";
import type { HostedFunction } from "./lambda.ts";
import type { Receivers } from "./receivers.ts";
import type { SceneLog } from "./scene-log.ts";

export type DeploymentParts = {
  readonly clients: VirtualClients;
  readonly log: SceneLog;
  readonly receivers: Receivers;
  readonly deletesSegments: boolean;
};

export const PREFIX = "sim";
export const PLACE = "local";
export const ENGINE = "paper";
export const ALERTS_SECRET = `${PREFIX}/alerts`;

const MS_PER_S = 1_000;
/** As the handler of send-alerts keeps it for its last word. */
const RESERVE_MS = 3_000;

/** A pause of the process that asks for it. */
export function pauseOf(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function projectRecords({ clients, log }: DeploymentParts): HostedFunction {
  const name = "project-records";
  return {
    name,
    timeoutMs: 30 * MS_PER_S,
    handle: (event, context) => {
      const history = createHistoryStore(clients.documents, PREFIX);
      const ports = { history, log: log.logOf(name), meter: log.meterOf(name) };
      return eachOf(event, context, ({ body }) => projectMessage(ports, body));
    },
  };
}

export function compactArchive(parts: DeploymentParts): HostedFunction {
  const { clients, log, deletesSegments } = parts;
  const name = "compact-archive";
  return {
    name,
    timeoutMs: 120 * MS_PER_S,
    handle: (event, context) => {
      const store = createArchiveStore(clients.objects, PREFIX, PLACE);
      const options = { deletesSegments };
      const ports = { store, log: log.logOf(name), meter: log.meterOf(name), options };
      const inTurn = createTurns();
      return eachOf(event, context, ({ body }) => inTurn(() => compactNotice(ports, body)));
    },
  };
}

export function sendAlerts({ clients, log, receivers }: DeploymentParts): HostedFunction {
  const name = "send-alerts";
  return {
    name,
    timeoutMs: 30 * MS_PER_S,
    handle: async (event, context) => {
      const plan = readChannelPlan(await createSecretStore(clients.secrets).read(ALERTS_SECRET));
      const nowMs = (): number => wallClock() / US_PER_MS;
      const ports = {
        idempotency: createIdempotencyStore(clients.documents, PREFIX),
        channels: createChannels(plan, { poster: receivers, mail: receivers.mail, nowMs }),
        routes: DEFAULT_ROUTES,
        isLocal: false,
        nowUs: wallClock,
        pause: pauseOf,
        log: log.logOf(name),
        meter: log.meterOf(name),
        underWay: new Map(),
      };
      const restMs = context.getRemainingTimeInMillis() - RESERVE_MS;
      const deadlineUs = wallClock() + restMs * US_PER_MS;
      return await eachOf(event, context, ({ body, messageId }) =>
        deliverMessage(ports, body, { owner: `${context.awsRequestId}.${messageId}`, deadlineUs }),
      );
    },
  };
}

export function watchOfEngine({ clients, log }: DeploymentParts): HostedFunction {
  const name = "watch-engine";
  const { documents, objects, queues } = clients;
  return {
    name,
    timeoutMs: 30 * MS_PER_S,
    handle: () =>
      watchEngine(
        {
          deployment: PREFIX,
          commands: createCommandStore(documents, PREFIX),
          leases: createLeaseStore(documents, PREFIX),
          control: createControlStore(documents, PREFIX),
          roots: createAuditRootStore(objects, PREFIX, PLACE),
          memories: createWatchStore(documents, PREFIX),
          alerts: createAlertQueue(queues, PREFIX),
          writeLine: (line) => void log.lines.push(line),
          log: log.logOf(name),
        },
        ENGINE,
        new Map(),
        wallClock(),
      ),
  };
}

export function reportOfDay({ clients, log }: DeploymentParts): HostedFunction {
  const name = "build-report";
  const { documents, objects, queues } = clients;
  return {
    name,
    timeoutMs: 300 * MS_PER_S,
    handle: async (event) => {
      const read = readRequest(event, [ENGINE], wallClock());
      if (!read.ok) throw new TypeError(read.reason);
      const ports = {
        history: createHistoryStore(documents, PREFIX),
        commands: createCommandStore(documents, PREFIX),
        control: createControlStore(documents, PREFIX),
        archive: createArchiveStore(objects, PREFIX, PLACE),
        roots: createAuditRootStore(objects, PREFIX, PLACE),
        alerts: createAlertQueue(queues, PREFIX),
        log: log.logOf(name),
      };
      return await buildReport(ports, ENGINE, read.request.day);
    },
  };
}

function eachOf(
  event: unknown,
  context: Context,
  handle: Parameters<typeof eachMessage>[2],
): Promise<unknown> {
  return eachMessage(event as SQSEvent, context, handle);
}
