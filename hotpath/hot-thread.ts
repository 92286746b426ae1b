/**
 * The hot thread, started by `main.ts` as a worker: the hot side with real sockets.
 *
 * The code is warmed before the first socket is dialed. Everything else stands in `hot-side.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../contracts/assert.ts";
import { HotSide } from "./hot-side.ts";
import type { FromHotThread, HotThreadData, ToHotThread } from "./hot-thread-messages.ts";
import { Absence } from "./io/clock.ts";
import { openHttp } from "./io/http-side.ts";
import { realDisk } from "./io/journal/disk.ts";
import { dialOf } from "./io/web-socket.ts";
import { warmUp } from "./warm-up.ts";

const port = parentPort;
assert(port !== null, "the hot thread is a worker");
const data = workerData as HotThreadData;

const warmed = warmUp(data.plan);
const side = new HotSide(data, {
  post: (message: FromHotThread) => port.postMessage(message),
  dial: dialOf(new Absence()),
  openHttp,
  disk: realDisk,
  warmed,
});
port.on("message", (message: ToHotThread) => side.onMessage(message));
