/**
 * Station: configuration + keys + what earlier lives left -> how the accounts of this run trade.
 *
 * Everything that forbids a start is found here, before anything is dialed: a venue that cannot be traded,
 * a key that is not there, a fence that cannot be raised, a state that cannot be read. Keys go beside the
 * plan, never into it, because the plan is journaled.
 */
import type { VenueId } from "../contracts/ids.ts";
import type { RiskLimits } from "../contracts/risk-limits.ts";
import type { Config, VenueConfig } from "../contracts/schema/config.ts";
import { readAccountKeys } from "./account-keys.ts";
import { adoptRemote } from "./adopt-remote.ts";
import type { TradeRecord } from "./core/trade/commands.ts";
import type { TradingPlan } from "./core/trade/plan.ts";
import { orderOptionsOf } from "./core/trade/trading.ts";
import type { RemoteOrder } from "./io/aws/order-records.ts";
import { type Disk, realDisk } from "./io/journal/disk.ts";
import { loadState, StateStore } from "./io/trade/state-store.ts";
import type { HotPlan, VenueShare } from "./plan.ts";
import type { SimulatedAddresses } from "./prepare.ts";
import {
  knownFence,
  raiseFenceOf,
  recoverTrading,
  successorState,
  tradingFiles,
} from "./recover.ts";
import { type TradingVenue, tradingPlanOf } from "./trading-plan.ts";
import type { AccountAddresses, AccountKeys } from "./venues/execution.ts";
import { VENUES } from "./venues/registry.ts";

/** Keys of the accounts that trade. */
export type KeysByVenue = Readonly<Partial<Record<VenueId, AccountKeys>>>;

export type TradingOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether accounts of mode live may trade. */
  readonly isArmed: boolean;
  /** The venues know nothing of earlier lives, so neither may we. */
  readonly isFresh?: boolean;
  /** Under which this run trades; absent where a counter file is the fence. */
  readonly lease?: LeaseShare | undefined;
  /** What the table of commands calls open, where another host has traded on the account since. */
  readonly remoteOrders?: readonly RemoteOrder[] | undefined;
  /** Keys that were fetched from a store; the environment is not read for them. */
  readonly secrets?: KeysByVenue | undefined;
  /** The real one where absent. */
  readonly disk?: Disk;
};

/** What of a lease that is held the plan needs. */
export type LeaseShare = {
  readonly runId: string;
  readonly fence: number;
  readonly marginUs: number;
  readonly stallUs: number;
  /** Another engine has traded on the account since this folder last did. */
  readonly isSuccessor: boolean;
  /** The newest limits of the control plane; undefined where it has none yet. */
  readonly limits: { readonly version: number; readonly limits: RiskLimits } | undefined;
};

type Setup = TradingOptions & {
  readonly config: Config;
  readonly plan: HotPlan;
  readonly simulated: SimulatedAddresses;
};

export type TradingPreparation =
  | {
      readonly ok: true;
      readonly plan: HotPlan;
      readonly keys: KeysByVenue;
      /** What recovery did, for the log; undefined where no account trades. */
      readonly recovered: RecoveryCounts | undefined;
    }
  /** `isOutside` when the disk or the environment is at fault, not the configuration. */
  | { readonly ok: false; readonly reason: string; readonly isOutside: boolean };

export type RecoveryCounts = {
  /** Records of the journals that were folded, and intents that were adopted as unknown. */
  readonly folded: number;
  readonly adopted: number;
  /** What earlier lives left and cannot be used: snapshots, stretches of intents, records of orders; sentences. */
  readonly damaged: readonly string[];
};

type Refused = Extract<TradingPreparation, { readonly ok: false }>;

type Account = {
  readonly id: VenueId;
  readonly venue: TradingVenue;
  readonly addresses: AccountAddresses;
  readonly keys: AccountKeys;
};

/** The first version of limits is the file's; later ones come from operators. */
const LIMITS_VERSION_FIRST = 1;
/** Where versions are counted by a control plane, the file's limits come before the first of them. */
const LIMITS_VERSION_BASE = 0;
/** Which key of a simulated venue is taken, where it hands out several. */
const KEY_KINDS = ["ed25519", "hmac"] as const;

/** Adds trading to a plan of the market; a configuration in which nothing trades is left as it is. */
export function prepareTrading(
  config: Config,
  plan: HotPlan,
  simulated: SimulatedAddresses,
  options: TradingOptions,
): TradingPreparation {
  const setup: Setup = { ...options, config, plan, simulated };
  const accounts: Account[] = [];
  for (const [index, { id }] of plan.venues.entries()) {
    const venue = config.venues[id];
    if (venue === undefined || venue.trading.mode === "off") continue;
    const account = accountOf(setup, id, index, venue);
    if (!("keys" in account)) return account;
    accounts.push(account);
  }
  if (accounts.length === 0) return { ok: true, plan, keys: {}, recovered: undefined };
  return withAccounts(setup, accounts);
}

function withAccounts(setup: Setup, accounts: readonly Account[]): TradingPreparation {
  const { config, isFresh = false, lease, remoteOrders = [], disk = realDisk } = setup;
  const root = config.journal.directory;
  const known = knownFence(root, disk);
  if (!known.ok) return refused(known.reason, true);
  if (lease !== undefined && known.fence >= lease.fence) {
    return refused(`the fence here is ${known.fence}, the lease's is ${lease.fence}`, true);
  }
  const raised =
    lease === undefined ? raiseFenceOf(root, 0, disk) : ({ ok: true, fence: lease.fence } as const);
  if (!raised.ok) return refused(raised.reason, true);
  const planned = tradingPlanOf({
    config,
    venues: accounts.map(({ venue }) => venue),
    fence: raised.fence,
    limitsVersion: lease === undefined ? LIMITS_VERSION_FIRST : LIMITS_VERSION_BASE,
    restored: "",
  });
  if (planned === undefined) return refused("trading: no account trades", false);
  const trading = withLease(planned, lease);
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const plan = {
    ...setup.plan,
    venues: setup.plan.venues.map((share) => withAccount(share, byId)),
  };
  const options = orderOptionsOf(trading, plan);
  const newest = loadState(tradingFiles(root).states, disk);
  const recovery = isFresh
    ? ({ ok: true, restored: "", folded: 0, adopted: 0, untold: [], damaged: [] } as const)
    : recoverTrading(root, newest.state, options, disk);
  if (!recovery.ok) return refused(recovery.reason, true);
  const isStale = lease?.isSuccessor === true;
  const own = isStale ? successorState(recovery.restored, options) : recovery.restored;
  const remote = adoptRemote(own, { orders: remoteOrders, fenceKnown: known.fence }, options);
  if (!remote.ok) return refused(remote.reason, true);
  const { restored } = remote;
  const fault = lease === undefined ? "" : takeFence(root, lease, restored, disk);
  if (fault !== "") return refused(fault, true);
  return {
    ok: true,
    plan: { ...plan, trading: withPast(trading, restored, recovery.untold) },
    keys: Object.fromEntries(accounts.map(({ id, keys }) => [id, plainKeys(keys)])),
    recovered: {
      folded: recovery.folded,
      adopted: recovery.adopted + remote.adopted,
      damaged: [...newest.damaged, ...recovery.damaged, ...remote.damaged],
    },
  };
}

/**
 * From here on the file says that this folder has come as far as the lease, and that nobody else has traded
 * since. What a successor begins with is on the disk before that: this life may end before it begins.
 */
function takeFence(
  root: string,
  { runId, fence, isSuccessor }: LeaseShare,
  text: string,
  disk: Disk,
): string {
  if (isSuccessor) {
    const saved = new StateStore(tradingFiles(root).states, disk).save({ runId, seq: 0, text });
    if (saved.kind === "failed") return saved.reason;
  }
  const raised = raiseFenceOf(root, fence, disk);
  return raised.ok ? "" : raised.reason;
}

function withPast(
  trading: TradingPlan,
  restored: string,
  untold: readonly TradeRecord[],
): TradingPlan {
  return untold.length === 0 ? { ...trading, restored } : { ...trading, restored, untold };
}

function withLease(plan: TradingPlan, lease: LeaseShare | undefined): TradingPlan {
  if (lease === undefined) return plan;
  const { marginUs, stallUs, limits } = lease;
  const leased = { ...plan, lease: { marginUs, stallUs } };
  return limits === undefined
    ? leased
    : { ...leased, limits: limits.limits, limitsVersion: limits.version };
}

/** A copy that can be handed to a thread: what is sealed arrives there empty. */
function plainKeys({ apiKey, secret, passphrase }: AccountKeys): AccountKeys {
  return { apiKey, secret, passphrase };
}

function withAccount(share: VenueShare, accounts: ReadonlyMap<VenueId, Account>): VenueShare {
  const account = accounts.get(share.id)?.addresses;
  return account === undefined ? share : { ...share, account };
}

function accountOf(
  setup: Setup,
  id: VenueId,
  index: number,
  config: VenueConfig,
): Account | Refused {
  const field = `venues.${id}.trading.mode`;
  const { execution } = VENUES[id];
  const { mode } = config.trading;
  if (execution === undefined) return refused(`${field}: nothing can be ordered at ${id}`, false);
  if (mode === "live" && !setup.isArmed) {
    return refused(`${field}: live trades real money; it wants --arm`, false);
  }
  const addresses = addressesOf(setup, id, config);
  if (addresses === undefined)
    return refused(`${field}: the simulated ${id} takes no orders`, false);
  const keys = keysOf(setup, id, config);
  if ("reason" in keys) return keys;
  return { id, venue: { index, config: config.trading, execution }, addresses, keys };
}

function addressesOf(
  { simulated }: Setup,
  id: VenueId,
  config: VenueConfig,
): AccountAddresses | undefined {
  switch (config.environment) {
    case "production":
    case "testnet":
      return VENUES[id].execution?.addresses[config.environment];
    case "simulated": {
      const trading = simulated[id]?.trading;
      if (trading === undefined) return undefined;
      const { rest, stream, orders } = trading;
      return { rest, stream, orders };
    }
    case "custom": {
      const { restUrl = "", wsUrl = "" } = config;
      return { rest: restUrl, stream: wsUrl, orders: wsUrl };
    }
  }
}

function keysOf(
  { simulated, environment, secrets }: Setup,
  id: VenueId,
  config: VenueConfig,
): AccountKeys | Refused {
  if (config.environment === "simulated") {
    const handed = simulated[id]?.trading?.keys ?? {};
    const kind = KEY_KINDS.find((each) => handed[each] !== undefined) ?? Object.keys(handed)[0];
    const keys = kind === undefined ? undefined : handed[kind];
    return keys ?? refused(`the simulated ${id} has handed out no key`, true);
  }
  const stored = secrets?.[id];
  if (stored !== undefined) return stored;
  const read = readAccountKeys(id, environment);
  if (read.kind === "keys") return read.keys;
  const field = `venues.${id}.trading.mode`;
  const reason = read.kind === "refused" ? read.reason : `${config.trading.mode} wants keys`;
  return refused(`${field}: ${reason}`, true);
}

function refused(reason: string, isOutside: boolean): Refused {
  return { ok: false, reason, isOutside };
}
