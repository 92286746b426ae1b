/**
 * Station: seeds that are handed in -> their reports. One thread of a campaign; started by `run-seeds.ts` and
 * imported by nobody, because it listens as soon as it is loaded.
 *
 * Time and chance of this thread are virtual while a seed is played, which is why a campaign has threads of its
 * own and never plays in the thread that talks to a person.
 */
import { parentPort } from "node:worker_threads";
import { playSeed, type SeedOrder } from "./play-seed.ts";

const port = parentPort;
port?.on("message", (order: SeedOrder | "end") => {
  if (order === "end") port.close();
  else void playSeed(order).then((report) => port.postMessage(report));
});
