/**
 * Station: `reckoner venues`. The simulated venues alone, for work on a client of one's own.
 *
 * The venues are a process of their own and read their own flags; this command passes words on and
 * tells where they listen. It ends with them.
 */
import { runChild } from "./child.ts";
import type { Command, Ending } from "./command.ts";
import { EXIT, refusal } from "./command.ts";

/** The script of the simulated venues, from the root of the checkout. */
export const VENUES_SCRIPT = "local/venues/main.ts";

/** What the process prints when it listens: venue -> its addresses, and the control port. */
export type VenueAddresses = Readonly<
  Record<string, string | Readonly<Record<"rest" | "ws", string>>>
>;

/** Exit code of the venues' process for a flag or a fault plan it cannot use. */
const CODE_USAGE = 2;

export const venuesCommand: Command = {
  notes: [
    "Every flag is passed on: --seed N, --spot-instruments N, --usdm-instruments N,\n" +
      "--kraken-instruments N, --kucoin-instruments N, --diffs-per-second N,\n" +
      "--faults-per-minute N, --fault-kinds A,B, --fault-plan FILE, --port-base N,\n" +
      "--dial-ms MIN:MAX, --subscribe-ms MIN:MAX, --snapshot-ms MIN:MAX, --profile quiet|wide ...",
    "With --json the addresses are printed as one line when all of them listen; the final line follows\n" +
      "at the end.",
  ],
  operands: [],
  flags: [],
  fields: [["addresses", "rest and ws of each venue, and the control port"]],
  passesWordsOn: true,
  async run(invocation): Promise<Ending> {
    const words = invocation.operands.filter((word) => word !== "--json");
    let addresses: VenueAddresses | null = null;
    let lastWords = "";
    const code = await runChild({
      args: [VENUES_SCRIPT, "--with-parent", ...words],
      tied: true,
      onLine: (line) => {
        addresses = JSON.parse(line) as VenueAddresses;
        process.stdout.write(invocation.json ? `${line}\n` : `${addressText(addresses)}\n`);
      },
      onErrorLine: (line) => {
        lastWords = line;
      },
    });
    if (code === 0) return { exitCode: EXIT.ok, lines: [], json: { addresses } };
    const exitCode = code === CODE_USAGE ? EXIT.usage : EXIT.environment;
    return refusal(exitCode, lastWords === "" ? `the venues ended with ${code}` : lastWords);
  },
};

function addressText(addresses: VenueAddresses): string {
  const rows = Object.entries(addresses).map(([name, each]) =>
    typeof each === "string" ? `${name}  ${each}` : `${name}  rest ${each.rest}  ws ${each.ws}`,
  );
  return [...rows, "end with ctrl-c"].join("\n");
}
